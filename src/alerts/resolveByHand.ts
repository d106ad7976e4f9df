import type { Pool } from 'pg';
import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import { Problem } from '../lib/problem.ts';

/**
 * Ends an alert whose resolution got lost. Throws Problem `unknown_alert` if there is no such alert, and `not_active`
 * if it has ended already.
 */
export function createResolveByHand({ pool, deliver }: { pool: Pick<Pool, 'query'>; deliver: Deliver }) {
  return async (alertKey: string, reason: string, by: string): Promise<void> => {
    const to = alertActor(alertKey);
    const { rowCount } = await pool.query("select from actors where id = $1 and kind = 'alert'", [to]);
    if ((rowCount ?? 0) === 0) throw new Problem('unknown_alert', `There is no alert "${alertKey}".`);
    const [delivered] = await deliver([{ to, event: { type: 'RESOLVED_BY_HAND', by, reason } }]);
    // A parked alert takes the event once it is restored.
    if (delivered?.applied === 'held' || delivered?.applied === 'handed_back') return;
    const before = delivered?.before?.context as AlertContext | undefined;
    if (before?.active !== true) throw new Problem('not_active', `The alert "${alertKey}" is not active.`);
  };
}
