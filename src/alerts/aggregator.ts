import type { Pool } from 'pg';
import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import { Problem } from '../lib/problem.ts';
import type { EmissionAnswer, EmissionInput } from '../model/alerts.ts';
import { alertKeyOf, type EmissionPolicy, fromSender } from './emission.ts';
import type { IdChurn } from './idChurn.ts';
import type { LastSeen } from './lastSeen.ts';

/** Delivers the emissions of any source to their alert actors. */
export interface Aggregator {
  /**
   * Durable once it returns; applies all alerts or none. Throws Problem `invalid_field` for an unknown surface.
   * The answer has one entry for each alert, in their order.
   */
  ingest(source: string, alerts: EmissionInput[]): Promise<EmissionAnswer>;
}

export function createAggregator(deps: {
  pool: Pool;
  deliver: Deliver;
  lastSeen: LastSeen;
  idChurn: IdChurn;
  policy: () => Promise<EmissionPolicy>;
}): Aggregator {
  const { pool, deliver, lastSeen, idChurn, policy } = deps;
  return {
    async ingest(source, sent) {
      const names = await surfaceNames(pool, sent);
      const { alerts, extraMessages } = await idChurn.resolveIds(source, sent);
      const now = await policy();
      const firing = alerts.filter(({ status }) => status === 'firing');
      await lastSeen.recordSeen(firing.map(({ alert_id }) => alertKeyOf(source, alert_id)));
      const delivered = await deliver([
        ...alerts.map((alert) =>
          fromSender(source, alert, alert.surface_id ? (names.get(alert.surface_id) ?? null) : null, now),
        ),
        ...extraMessages,
      ]);
      const last = new Map(delivered.map((each) => [each.message.to, each]));
      return {
        accepted: alerts.length,
        alerts: alerts.map(({ alert_id }) => {
          const alertKey = alertKeyOf(source, alert_id);
          return { alert_key: alertKey, ...describeState(last.get(alertActor(alertKey))) };
        }),
      };
    },
  };
}

function describeState(delivered: Delivered | undefined): { state: string; collision?: true } {
  const context = delivered?.snapshot?.context as AlertContext | undefined;
  if (!context) return { state: 'accepted' };
  const state = context.active ? (context.flapping ? 'flapping' : 'firing') : 'resolved';
  return context.ids.length > 1 ? { state, collision: true } : { state };
}

/** Throws for an unknown surface id before anything is applied. */
async function surfaceNames(pool: Pool, alerts: EmissionInput[]): Promise<Map<string, string>> {
  const ids = [...new Set(alerts.flatMap(({ surface_id }) => (surface_id ? [surface_id] : [])))];
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; name: string }>(
    "select id, config->>'name' as name from surfaces where id = any($1) and removed_at is null",
    [ids],
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const at = alerts.findIndex(({ surface_id }) => surface_id !== undefined && !names.has(surface_id));
  if (at >= 0) {
    throw new Problem('invalid_field', `There is no surface "${alerts[at]?.surface_id}".`, {
      field: `alerts.${at}.surface_id`,
    });
  }
  return names;
}
