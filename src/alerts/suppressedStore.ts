import type { ClientBase, Pool } from 'pg';
import type { Severity, Suppression } from '../../machines/shared/protocol.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { storableJson } from '../db/storable.ts';
import type { SuppressedAlerts } from '../model/alerts.ts';

/** Alerts that deserve a ticket and are suppressed: the table `held_alerts`, kept as long as history. */

/** Written in the transaction that starts or ends a suppression. Of one episode the last entry counts. */
export async function recordSuppressions(
  client: Pick<ClientBase, 'query'>,
  suppressions: readonly (Suppression & { at: string })[],
): Promise<void> {
  const last = [...new Map(suppressions.map((each) => [`${each.alertKey} ${each.episode}`, each])).values()];
  const started = last.filter(({ over }) => over === null);
  const ended = last.filter(({ over }) => over !== null);
  if (started.length > 0) await client.query(START, [storableJson(started)]);
  if (ended.length > 0) await client.query(END, [storableJson(ended)]);
}

const START = `
  insert into held_alerts (alert_key, episode, source, severity, title, surface_id, since, reason, held_at)
  select "alertKey", episode, source, severity, title, "surfaceId", since, reason, at
  from ${rowsFromJson('"alertKey" text, episode int, source text, severity text, title text, "surfaceId" text, since timestamptz, reason text, at timestamptz')}
  order by "alertKey", episode
  on conflict (alert_key, episode) do update set severity = excluded.severity, title = excluded.title,
    reason = excluded.reason, over = null, over_at = null`;

const END = `
  update held_alerts h set over = x.over, over_at = x.at
  from ${rowsFromJson('"alertKey" text, episode int, over text, at timestamptz')}
  where h.alert_key = x."alertKey" and h.episode = x.episode`;

/** All are counted, but no more than these are listed. */
const MAX_ROWS = 200;

interface Row {
  alert_key: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surface_id: string | null;
  since: Date;
  reason: string;
  held_at: Date;
  over_at: Date | null;
  active: number;
  ended: number;
}

/** Active suppressions first, then ended ones, each from the latest. */
export async function listSuppressed(pool: Pick<Pool, 'query'>): Promise<SuppressedAlerts> {
  const { rows } = await pool.query<Row>(
    `select alert_key, source, episode, severity, title, surface_id, since, reason, held_at, over_at,
       count(*) filter (where over is null) over ()::int as active, count(over) over ()::int as ended
     from held_alerts where over is distinct from 'released'
     order by over is null desc, held_at desc, alert_key, episode limit $1`,
    [MAX_ROWS],
  );
  return {
    active: rows[0]?.active ?? 0,
    ended: rows[0]?.ended ?? 0,
    rows: rows.map(({ active: _active, ended: _ended, since, held_at, over_at, ...row }) => ({
      ...row,
      state: over_at === null ? 'active' : 'ended',
      since: since.toISOString(),
      held_at: held_at.toISOString(),
      ended_at: over_at?.toISOString() ?? null,
    })),
  };
}

/** How many alerts of each severity have no ticket at this moment because the flag is off. */
export async function countHeldByFlag(pool: Pick<Pool, 'query'>): Promise<Partial<Record<Severity, number>>> {
  const { rows } = await pool.query<{ severity: Severity; n: number }>(
    `select severity, count(*)::int as n from held_alerts
     where over is null and reason = 'flag_off' group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ severity, n }) => [severity, n]));
}
