import type { Pool } from 'pg';
import type { FilingRequest } from '../../machines/asks.ts';
import { alertsOfSurface } from '../alerts/list.ts';
import { historyOf } from '../history.ts';
import type { Board, FiledTicket, SurfaceStatus, SurfaceStory } from '../http/services.ts';
import { composeTicket } from '../tickets/compose.ts';
import { recentChecks } from './checks.ts';
import { readTiles } from './tiles.ts';

/** The grid: every surface of the file as it is at this moment, or only the one named. */
export async function board(
  pool: Pick<Pool, 'query'>,
  { pollIntervalSeconds, surfaceId }: { pollIntervalSeconds: number; surfaceId?: string },
): Promise<Board> {
  const rows = await readTiles(pool, pollIntervalSeconds, surfaceId);
  const counts: Record<SurfaceStatus, number> = { OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 };
  for (const { status } of rows) counts[status] += 1;
  return {
    surfaces: rows.map(({ url: _url, maintenance: _maintenance, read_at: _read_at, ...tile }) => tile),
    counts,
    recovered_with_open_ticket: rows.filter((tile) => tile.recovered_ticket_open).length,
    generated_at: rows[0]?.read_at ?? (await clock(pool)),
  };
}

async function clock(pool: Pick<Pool, 'query'>): Promise<string> {
  const { rows } = await pool.query<{ at: Date }>('select clock_timestamp() as at');
  return (rows[0]?.at ?? new Date()).toISOString();
}

/** So many of each are shown. */
const SHOWN = 50;

/** Everything about one surface; null where the file has no such surface. */
export async function surfaceStory(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  { pollIntervalSeconds, silentAfterMinutes }: { pollIntervalSeconds: number; silentAfterMinutes: number },
): Promise<SurfaceStory | null> {
  if (surfaceId.includes('\0')) return null;
  const [tiles, tickets, alerts, checks, history] = await Promise.all([
    readTiles(pool, pollIntervalSeconds, surfaceId),
    ticketsOf(pool, surfaceId),
    alertsOfSurface(pool, surfaceId, { limit: SHOWN, silentAfterMinutes }),
    recentChecks(pool, surfaceId, SHOWN),
    historyOf(pool, `surface:${surfaceId}`, SHOWN),
  ]);
  const [found] = tiles;
  if (!found) return null;
  const { read_at: _, ...tile } = found;
  return { ...tile, tickets, alerts, checks, history };
}

interface Row {
  id: number;
  url: string;
  filed_at: Date;
  path: FiledTicket['path'];
  marker: string;
  request: FilingRequest;
  adopted: boolean;
  status: string | null;
}

async function ticketsOf(pool: Pick<Pool, 'query'>, surfaceId: string): Promise<FiledTicket[]> {
  const { rows } = await pool.query<Row>(
    `select ticket_id as id, ticket_url as url, filed_at, path, marker, request, adopted, ticket_status as status
     from filings where request->>'surfaceId' = $1 and ticket_id is not null
     order by filed_at desc, ticket_id desc limit ${SHOWN}`,
    [surfaceId],
  );
  return rows.map(({ marker, request, adopted, filed_at, ...ticket }) => ({
    ...ticket,
    filed_at: filed_at.toISOString(),
    subject: subjectOf(marker, request, adopted),
  }));
}

/** An adopted ticket bears the marker of the filing that made it, which we have forgotten. */
function subjectOf(marker: string, request: FilingRequest, adopted: boolean): string {
  const { subject } = composeTicket({ marker, request }, { consoleUrl: '', earlier: null, lastCheck: null });
  return adopted ? subject.replace(`[${marker}] `, '') : subject;
}
