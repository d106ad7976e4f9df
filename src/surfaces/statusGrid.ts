import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { alertsOfSurface } from '../alerts/alertList.ts';
import { UMBRELLA_COLUMNS } from '../alerts/umbrellas.ts';
import { historyOf } from '../inspect/history.ts';
import type { Days, StatusGrid, SurfaceStatus, SurfaceStory, Tile } from '../model/surfaces.ts';
import type { FiledTicket } from '../model/tickets.ts';
import { composeTicket } from '../tickets/composeTicket.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { recentChecks } from './checks.ts';
import { dayCounts, NO_DAYS, readDays } from './days.ts';
import { outagesOf } from './outages.ts';
import { readTiles, type TileRow } from './statusGridTiles.ts';

interface StatusGridOptions {
  pollIntervalSeconds: number;
  /** Reads only this surface. */
  surfaceId?: string;
}

/** The grid at this moment: all surfaces of the file, or only `surfaceId`. */
export async function readStatusGrid(
  pool: Pick<Pool, 'query'>,
  { pollIntervalSeconds, surfaceId }: StatusGridOptions,
): Promise<StatusGrid> {
  const [rows, daysOf] = await Promise.all([
    readTiles(pool, pollIntervalSeconds, surfaceId),
    readDays(pool, surfaceId),
  ]);
  const tiles = rows.map((row) => tileOf(row, daysOf.get(row.id) ?? NO_DAYS));
  return statusGridOf(tiles, rows[0]?.read_at ?? (await databaseNow(pool)));
}

export function statusGridOf(surfaces: Tile[], generated_at: string): StatusGrid {
  const counts: Record<SurfaceStatus, number> = { OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 };
  for (const { status } of surfaces) counts[status] += 1;
  const recovered_with_open_ticket = surfaces.filter((tile) => tile.recovered_ticket_open).length;
  return { surfaces, counts, recovered_with_open_ticket, generated_at };
}

/** The tile without what only the surface's own page shows. */
export function tileOf(row: TileRow, days: Days): Tile {
  const {
    url: _url,
    certificate_expires_at: _certificate,
    maintenance: _maintenance,
    read_at: _read_at,
    ...tile
  } = row;
  return { ...tile, days: withToday(days, tile.status) };
}

const BELOW_100 = 99.99;

/** The daily counts may be one check behind the status. Today's bar must not look better than the status beside it. */
function withToday(days: Days, status: SurfaceStatus): Days {
  const today = days.letters.at(-1);
  const now = status === 'DOWN' ? 'd' : status === 'DEGRADED' && today !== 'd' ? 's' : today;
  // A surface that is down now does not show 100 %.
  const uptime = now === 'd' && days.uptime === 100 ? BELOW_100 : days.uptime;
  return now === today && uptime === days.uptime ? days : { ...days, uptime, letters: days.letters.slice(0, -1) + now };
}

export async function databaseNow(pool: Pick<Pool, 'query'>): Promise<string> {
  const { rows } = await pool.query<{ at: Date }>('select statement_timestamp() as at');
  return (rows[0]?.at ?? new Date()).toISOString();
}

/** Limit for each list on the page of a surface. */
const MAX_ROWS = 50;

/** Everything about one surface; null where the file has no such surface. Lists are newest first, at most 50 entries. */
export async function surfaceStory(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  {
    pollIntervalSeconds,
    silentAfterSeconds,
  }: { pollIntervalSeconds: number; silentAfterSeconds: Record<string, number> },
): Promise<SurfaceStory | null> {
  if (surfaceId.includes('\0')) return null;
  const [tiles, daysOf, tickets, alerts, outages, day_counts, checks, history] = await Promise.all([
    readTiles(pool, pollIntervalSeconds, surfaceId),
    readDays(pool, surfaceId),
    ticketsOf(pool, surfaceId),
    alertsOfSurface(pool, surfaceId, { limit: MAX_ROWS, silentAfterSeconds }),
    outagesOf(pool, surfaceId, MAX_ROWS),
    dayCounts(pool, surfaceId),
    recentChecks(pool, surfaceId, MAX_ROWS),
    historyOf(pool, surfaceActor(surfaceId), MAX_ROWS),
  ]);
  const [found] = tiles;
  if (!found) return null;
  const { read_at: _, ...tile } = found;
  const days = withToday(daysOf.get(surfaceId) ?? NO_DAYS, tile.status);
  return { ...tile, days, tickets, alerts, outages, day_counts, checks, history };
}

interface Row extends StoredTicket {
  path: FiledTicket['path'];
  marker: string;
  request: FilingRequest;
  adopted: boolean;
  joined_at: Date | null;
}

async function ticketsOf(pool: Pick<Pool, 'query'>, surfaceId: string): Promise<FiledTicket[]> {
  const { rows } = await pool.query<Row>(
    `with joined as materialized (
       select filing_id, max(joined_at) as joined_at from umbrella_members where surface_id = $1
       group by filing_id order by 2 desc limit ${MAX_ROWS}
     )
     (select ${TICKET_COLUMNS}, null::int as shared_with, path, marker, request, adopted, null::timestamptz as joined_at
      from filings where request->>'surfaceId' = $1 and ticket_id is not null order by filed_at desc limit ${MAX_ROWS})
     union all
     select ${UMBRELLA_COLUMNS}, path, marker, request, adopted, joined_at
     from joined join filings f on f.id = joined.filing_id where ticket_id is not null
     order by filed_at desc, id desc limit ${MAX_ROWS}`,
    [surfaceId],
  );
  return rows.map(({ marker, request, adopted, path, joined_at, ...ticket }) => ({
    ...ticketState(ticket),
    path,
    subject: subjectOf(marker, request, adopted),
    joined_at: joined_at?.toISOString() ?? null,
  }));
}

/** An adopted ticket carries the marker of an earlier filing that is no longer in the database. */
function subjectOf(marker: string, request: FilingRequest, adopted: boolean): string {
  const { subject } = composeTicket({ marker, request }, { consoleUrl: '', earlier: null, lastCheck: null });
  return adopted ? subject.replace(`[${marker}] `, '') : subject;
}
