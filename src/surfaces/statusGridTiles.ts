import type { Pool } from 'pg';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { outageSeverity, surfaceSql } from '../actors/projections/surface.ts';
import { outageAlertKeySql } from '../alerts/emission.ts';
import type { SurfaceStatus, Tile } from '../model/surfaces.ts';
import { LATE_MS, lateAfterMs } from './lateChecks.ts';
import { type OutageRow, openTicketsSql, outageAlertSql, shownTickets } from './openTickets.ts';

/** A tile without its days, and with what only the surface's own page shows. */
export interface TileRow extends Omit<Tile, 'days'> {
  url: string;
  certificate_expires_at: string | null;
  /** When the query started, by the database's clock. */
  read_at: string;
}

export interface Row extends OutageRow {
  id: string;
  name: string;
  group: string | null;
  url: string;
  /** Status in the actor; null if there is no actor yet. */
  actor_status: Exclude<SurfaceStatus, 'MAINTENANCE'> | null;
  since: string | null;
  maintenance: { until: string; reason: string; by: string; setAt: string } | null;
  parked_at: Date | null;
  checked_at: Date | null;
  is_late: boolean;
  late_ms: number;
  certificate_expires_at: Date | null;
  unstable: boolean;
  outage_error: string | null;
  latency_ms: number | null;
  error: string | null;
  recent: (number | null)[];
  /** Which transactions the statement saw. */
  snapshot: string;
  read_at: Date;
}

/**
 * The surfaces of the file in its order, read in one statement; with `only` just that one. Whether checks are late is
 * decided by the database's clock.
 */
export async function readTiles(
  pool: Pick<Pool, 'query'>,
  pollIntervalSeconds: number,
  only?: string,
): Promise<TileRow[]> {
  const lateMs = lateAfterMs(pollIntervalSeconds);
  const { rows } =
    only === undefined
      ? await pool.query<Row>(tilesStatement(pollIntervalSeconds))
      : await pool.query<Row>(tilesSql(true), [lateMs, only]);
  return rows.map(tileRow);
}

/** The statement that reads the rows of all surfaces for {@link tileRow}. */
export const tilesStatement = (pollIntervalSeconds: number): { text: string; values: unknown[] } => ({
  text: tilesSql(false),
  values: [lateAfterMs(pollIntervalSeconds)],
});

const tilesSql = (only: boolean): string => `
  with ${openTicketsSql(only)}
  select s.id, s.config->>'name' as name, s.config->>'group' as "group", s.config->>'url' as url,
    a.actor_status, a.since, a.maintenance, a.parked_at, s.checked_at, s.latency_ms, s.error, s.recent,
    ${LATE_MS} as late_ms,
    coalesce(s.checked_at < clock_timestamp() - ${LATE_MS} * interval '1 millisecond', true) as is_late,
    s.certificate_expires_at, coalesce(a.unstable, false) as unstable, a.outage_error,
    a.confirmed_at, a.outage_severity, ${outageAlertKeySql('s.id', 'a.confirmed_at')} as outage_alert_key,
    alert.outage_alert, t.tickets,
    pg_current_snapshot()::text as snapshot, statement_timestamp() as read_at
  from surfaces s
  left join open_tickets t on t.surface_id = s.id
  left join lateral (
    select ${surfaceSql.text('status', 'context')} as actor_status, ${surfaceSql.text('since', 'context')} as since,
      nullif(${surfaceSql.json('maintenance', 'context')}, 'null') as maintenance,
      ${surfaceSql.text('unstable', 'context')} = 'true' as unstable, ${surfaceSql.text('error', 'context')} as outage_error,
      ${surfaceSql.text('confirmedAt', 'context')} as confirmed_at,
      ${outageSeverity('context')} as outage_severity,
      parked_at
    from (select ${contextOf()} as context, case when parked is not null then updated_at end as parked_at
          from actors where id = ${surfaceActorSql('s.id')} offset 0) x
  ) a on true
  left join lateral (${outageAlertSql('s.id', 'a.confirmed_at')}) alert on a.confirmed_at is not null
  where s.removed_at is null ${only ? 'and s.id = $2' : ''}
  order by s.position, s.id`;

export function tileRow(row: Row): TileRow {
  const { id, name, group, url, maintenance, checked_at, latency_ms, error, recent } = row;
  const { status, since } = visibleStatus(row, row.late_ms);
  return {
    id,
    name,
    group,
    status,
    since,
    was: status === 'UNKNOWN' && row.actor_status !== 'UNKNOWN' ? row.actor_status : null,
    ...shownTickets(row, status),
    last_check: checked_at && {
      at: checked_at.toISOString(),
      latency_ms,
      error: row.unstable ? row.outage_error : error,
    },
    recent,
    url,
    certificate_expires_at: row.certificate_expires_at?.toISOString() ?? null,
    maintenance: maintenance && { until: maintenance.until, reason: maintenance.reason, by: maintenance.by },
    read_at: row.read_at.toISOString(),
  };
}

/** The status that the grid shows, and since when. */
function visibleStatus(row: Row, lateMs: number): Pick<Tile, 'status' | 'since'> {
  const { actor_status, since, maintenance, parked_at, checked_at, is_late } = row;
  if (maintenance) return { status: 'MAINTENANCE', since: maintenance.setAt };
  if (checked_at === null) return { status: 'UNKNOWN', since: null };
  // The actor's status was true at the last check, which is too long ago.
  if (is_late) return { status: 'UNKNOWN', since: new Date(checked_at.getTime() + lateMs).toISOString() };
  // A parked actor takes no checks, so its status is as old as its parking.
  if (parked_at) return { status: 'UNKNOWN', since: parked_at.toISOString() };
  return { status: actor_status ?? 'UNKNOWN', since };
}
