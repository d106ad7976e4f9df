import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import { alertsOfSurface } from '../alerts/alertList.ts';
import { historyOf } from '../inspect/history.ts';
import type { Days, StatusGrid, SurfaceStatus, SurfaceStory, Tile } from '../model/surfaces.ts';
import { recentChecks } from './checks.ts';
import { dayCounts, NO_DAYS, readDays } from './days.ts';
import { latencyHistory } from './latency.ts';
import { outagesOf, withTickets } from './outages.ts';
import { readTiles, type TileRow } from './statusGridTiles.ts';
import { ticketsOf } from './surfaceTickets.ts';

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
  // The days after the status, which they must not lag behind.
  const rows = await readTiles(pool, pollIntervalSeconds, surfaceId);
  const daysOf = await readDays(pool, surfaceId === undefined ? undefined : [surfaceId]);
  const tiles = rows.map((row) => tileOf(row, daysOf.get(row.id) ?? NO_DAYS));
  return statusGridOf(tiles, rows[0]?.read_at ?? (await databaseNow(pool)));
}

export function statusGridOf(surfaces: Tile[], generated_at: string): StatusGrid {
  const counts: Record<SurfaceStatus, number> = { OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 };
  for (const { status } of surfaces) counts[status] += 1;
  const recovered = surfaces.filter((tile) => tile.recovered_ticket_open);
  // The umbrella ticket of a storm is that of many surfaces.
  const tickets = new Set(recovered.flatMap(({ earlier_tickets }) => earlier_tickets.map(({ id }) => id)));
  return { surfaces, counts, recovered_with_open_ticket: tickets.size, generated_at };
}

/** The tile without what only the surface's own page shows. */
export function tileOf(row: TileRow, days: Days): Tile {
  const { url: _url, certificate_expires_at: _certificate, read_at: _read_at, ...tile } = row;
  return { ...tile, days: withToday(days, tile.status) };
}

/**
 * The bar of today is never better than the status beside it, even if today has no check yet, or if a poller of an
 * older release counts the check that confirmed an outage at the status before. A percentage that knows of no failure is
 * then left out.
 */
function withToday(days: Days, status: SurfaceStatus): Days {
  const today = days.letters.at(-1);
  const now = status === 'DOWN' ? 'd' : status === 'DEGRADED' && today !== 'd' ? 's' : today;
  if (now === today) return days;
  const uptime = now === 'd' && days.uptime === 100 ? null : days.uptime;
  return { ...days, uptime, letters: days.letters.slice(0, -1) + now };
}

export async function databaseNow(pool: Pick<Pool, 'query'>): Promise<string> {
  const { rows } = await pool.query<{ at: Date }>('select statement_timestamp() as at');
  return (rows[0]?.at ?? new Date()).toISOString();
}

/** Limit for each list on the page of a surface. */
const MAX_ROWS = 50;

/** Everything about one surface; null if the file has no such surface. Lists are newest first, at most 50 entries. */
export async function surfaceStory(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  {
    pollIntervalSeconds,
    silentAfterSeconds,
  }: { pollIntervalSeconds: number; silentAfterSeconds: Record<string, number> },
): Promise<SurfaceStory | null> {
  if (surfaceId.includes('\0')) return null;
  const tiles = readTiles(pool, pollIntervalSeconds, surfaceId);
  const [[found], daysOf, tickets, alerts, outages, day_counts, checks, latency, history] = await Promise.all([
    tiles,
    // After the status, which they must not lag behind.
    tiles.then(() => readDays(pool, [surfaceId])),
    ticketsOf(pool, surfaceId, MAX_ROWS),
    alertsOfSurface(pool, surfaceId, { limit: MAX_ROWS, silentAfterSeconds }),
    outagesOf(pool, surfaceId, MAX_ROWS),
    dayCounts(pool, surfaceId),
    recentChecks(pool, surfaceId, MAX_ROWS),
    latencyHistory(pool, surfaceId),
    historyOf(pool, surfaceActor(surfaceId), MAX_ROWS),
  ]);
  if (!found) return null;
  const { read_at: _, ...tile } = found;
  const days = withToday(daysOf.get(surfaceId) ?? NO_DAYS, tile.status);
  return {
    ...tile,
    days,
    tickets: tickets.map(({ ticket }) => ticket),
    alerts,
    outages: withTickets(
      outages,
      tickets.map(({ times }) => times),
    ),
    day_counts,
    checks,
    latency,
    history,
  };
}
