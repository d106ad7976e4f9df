import type { Pool } from 'pg';
import { alertActorSql, surfaceActorSql } from '../actors/projections/actorId.ts';
import { isOnUmbrella } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { surfaceSql } from '../actors/projections/surface.ts';
import { UMBRELLA_COLUMNS } from '../alerts/umbrellas.ts';
import type { SurfaceStatus, Tile } from '../model/surfaces.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { LATE_MS, lateAfterMs } from './lateness.ts';

/** A tile without its days, and with what only the surface's own page shows. */
export interface TileRow extends Omit<Tile, 'days'> {
  url: string;
  certificate_expires_at: string | null;
  maintenance: { until: string; reason: string; by: string } | null;
  /** When the query started, by the database's clock. */
  read_at: string;
}

export interface Row {
  id: string;
  name: string;
  group: string | null;
  url: string;
  /** Status in the actor; null where there is no actor yet. */
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
  newest: StoredTicket | null;
  clicked: StoredTicket | null;
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
  const { rows } = await pool.query<Row>(tilesStatement(pollIntervalSeconds, only));
  return rows.map(tileRow);
}

/** The statement that reads the rows for {@link tileRow}. */
export function tilesStatement(pollIntervalSeconds: number, only?: string): { text: string; values: unknown[] } {
  const lateMs = lateAfterMs(pollIntervalSeconds);
  return {
    text: `with umbrellas as materialized (
       select f.id as filing_id, ${UMBRELLA_COLUMNS} from filings f
       where f.ticket_status in ('active', 'pending') and f.path = 'umbrella'
     ), open as materialized (
       select request->>'surfaceId' as surface_id, path, ${TICKET_COLUMNS}, null::int as shared_with from filings
       where ticket_status in ('active', 'pending') and path in ('investigate', 'alert')
         ${only === undefined ? '' : "and request->>'surfaceId' = $2"}
       union all
       select m.surface_id, 'umbrella', u.id, u.url, u.filed_at, u.status, u.assignee, u.replied_at, u.checked_at,
         u.shared_with
       from umbrellas u join umbrella_members m using (filing_id)
       join actors a on a.id = ${alertActorSql('m.alert_key')} and a.kind = 'alert' and ${isOnUmbrella('a.state')}
       where m.surface_id is not null ${only === undefined ? '' : 'and m.surface_id = $2'}
     ), newest as (
       select distinct on (surface_id) * from open order by surface_id, filed_at desc, id desc
     ), clicked as (
       select distinct on (surface_id) * from open where path = 'investigate' order by surface_id, filed_at desc, id desc
     )
     select s.id, s.config->>'name' as name, s.config->>'group' as "group", s.config->>'url' as url,
       a.actor_status, a.since, a.maintenance, a.parked_at, s.checked_at, s.latency_ms, s.error, s.recent,
       ${LATE_MS} as late_ms,
       coalesce(s.checked_at < clock_timestamp() - ${LATE_MS} * interval '1 millisecond', true) as is_late,
       s.certificate_expires_at, coalesce(a.unstable, false) as unstable, a.outage_error,
       to_jsonb(newest) as newest, to_jsonb(clicked) as clicked,
       pg_current_snapshot()::text as snapshot, statement_timestamp() as read_at
     from surfaces s
     left join newest on newest.surface_id = s.id
     left join clicked on clicked.surface_id = s.id
     left join lateral (
       select ${surfaceSql.text('status', 'context')} as actor_status, ${surfaceSql.text('since', 'context')} as since,
         nullif(${surfaceSql.json('maintenance', 'context')}, 'null') as maintenance,
         ${surfaceSql.text('unstable', 'context')} = 'true' as unstable, ${surfaceSql.text('error', 'context')} as outage_error,
         parked_at
       from (select ${contextOf()} as context, case when parked is not null then updated_at end as parked_at
             from actors where id = ${surfaceActorSql('s.id')} offset 0) x
     ) a on true
     where s.removed_at is null ${only === undefined ? '' : 'and s.id = $2'}
     order by s.position, s.id`,
    values: only === undefined ? [lateMs] : [lateMs, only],
  };
}

export function tileRow(row: Row): TileRow {
  const { id, name, group, url, maintenance, checked_at, latency_ms, error, recent, newest, clicked } = row;
  const { status, since } = visibleStatus(row, row.late_ms);
  // Only tickets that a click filed: a newer alert ticket is not closed for this reason.
  const recovered = status === 'OPERATIONAL' && clicked ? ticketState(clicked) : null;
  return {
    id,
    name,
    group,
    status,
    since,
    was: status === 'UNKNOWN' && row.actor_status !== 'UNKNOWN' ? row.actor_status : null,
    ticket: newest && ticketState(newest),
    recovered_ticket_open: recovered !== null,
    recovered_ticket: recovered,
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
