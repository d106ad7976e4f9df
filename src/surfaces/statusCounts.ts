import type { Pool } from 'pg';
import type { SurfaceStatus } from '../model/surfaces.ts';
import { lateAfterMs } from './lateChecks.ts';
import { shownStatuses } from './shownStatus.ts';

/** How many surfaces have each status, as the status grid shows it. */
export async function countByStatus(
  pool: Pick<Pool, 'query'>,
  pollIntervalSeconds: number,
): Promise<Record<SurfaceStatus, number>> {
  const counts: Record<SurfaceStatus, number> = { OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 };
  const { rows } = await pool.query<{ status: SurfaceStatus; n: number }>(COUNTS, [lateAfterMs(pollIntervalSeconds)]);
  for (const { status, n } of rows) counts[status] = n;
  return counts;
}

const COUNTS = `select status, count(*)::int as n from (${shownStatuses()}) shown group by status`;
