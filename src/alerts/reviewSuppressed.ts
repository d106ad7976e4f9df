import type { Pool } from 'pg';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { SuppressionReason } from '../../machines/shared/protocol.ts';
import type { Deliver } from '../actors/deliver.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { POLLER_SOURCE, type TicketSuppression } from './emission.ts';
import type { InShadow } from './shadow/state.ts';

/**
 * Decides again about active alerts once nothing suppresses them, whether or not their senders repeat them. Returns how
 * many were decided again.
 */
export type ReviewSuppressed = () => Promise<number>;

export function createReviewSuppressed(deps: {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
  isAutoTicketOn: () => Promise<boolean>;
  /** What suppresses at this moment besides the flag. */
  suppressionNow: () => Promise<(source: string, surfaceId: string | null) => TicketSuppression>;
  shadowNow: () => Promise<InShadow>;
}): ReviewSuppressed {
  const { pool, deliver, isAutoTicketOn, suppressionNow, shadowNow } = deps;
  return async () => {
    let decided = 0;
    let after = '';
    for (let rows = await suppressedAlerts(pool, after); rows.length > 0; rows = await suppressedAlerts(pool, after)) {
      after = rows.at(-1)?.alert_key ?? '';
      // While the flag is off it suppresses all of them, and no other reason matters.
      if (!(await isAutoTicketOn())) return decided;
      const [suppressionOf, inShadow] = [await suppressionNow(), await shadowNow()];
      const changed = rows.flatMap((row) => {
        const now = suppressionOf(row.source, row.surface_id);
        if (row.held === 'shadow' && now.held === null && inShadow(row.source, row.surface_id)) return [];
        return isDecidedByChecks(row, now) || isSame(row, now) ? [] : [{ key: row.alert_key, now }];
      });
      const delivered = await deliver(
        changed.map(({ key, now }) => ({ to: alertActor(key), event: { type: 'HOLD_REVIEWED', ...now } })),
      );
      decided += delivered.filter(({ applied }) => applied === 'changed').length;
    }
    return decided;
  };
}

/** Whether there is any alert to review. Only reads, since most of the time there is none. */
export async function hasSuppressed(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>(
    'select exists (select from held_alerts where over is null) as any',
  );
  return rows[0]?.any ?? false;
}

interface Suppressed {
  alert_key: string;
  source: string;
  surface_id: string | null;
  held: SuppressionReason | null;
  under: string[] | null;
}

/**
 * After an outage of our own or of an upstream surface, the last check of a surface says nothing: its next one decides,
 * and it is ours. While the reason lasts, the ticket that names the alert may become known here.
 */
const isDecidedByChecks = ({ source, held }: Suppressed, now: TicketSuppression): boolean =>
  source === POLLER_SOURCE &&
  (held === 'offline' || held === 'dependency') &&
  (now.held !== held || now.under.length === 0);

const isSame = ({ held, under }: Suppressed, now: TicketSuppression): boolean =>
  held === now.held && (under ?? []).join() === now.under.join();

const AT_ONCE = 500;

async function suppressedAlerts(pool: Pick<Pool, 'query'>, after: string): Promise<Suppressed[]> {
  const { rows } = await pool.query<Suppressed>(SUPPRESSED, [after, AT_ONCE]);
  return rows;
}

const SUPPRESSED = `
  select h.alert_key, ${alertSql.text('source', 'a.context')} as source,
    ${alertSql.text('surfaceId', 'a.context')} as surface_id, ${alertSql.text('held', 'a.context')} as held,
    ${alertSql.json('under', 'a.context')} as under
  from held_alerts h, lateral (
    select ${contextOf('a')} as context from actors a
    where a.id = ${alertActorSql('h.alert_key')} and a.parked is null and ${IS_ACTIVE}
      and ${alertSql.isIn('ticket.heldBack', 'a.state')} offset 0) a
  where h.over is null and h.alert_key > $1 order by h.alert_key limit $2`;
