import type { Pool } from 'pg';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { surfaceSql } from '../actors/projections/surface.ts';
import type { SurfaceStatus } from '../model/surfaces.ts';
import { LATE_MS, lateAfterMs } from './lateChecks.ts';

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

const COUNTS = `
  select status, count(*)::int as n from (
    select case
        when a.maintenance then 'MAINTENANCE'
        when s.checked_at is null or s.checked_at < clock_timestamp() - ${LATE_MS} * interval '1 millisecond' or a.parked
          then 'UNKNOWN'
        else coalesce(a.status, 'UNKNOWN')
      end as status
    from surfaces s
    left join lateral (
      select ${surfaceSql.text('status', 'context')} as status, parked,
        nullif(${surfaceSql.json('maintenance', 'context')}, 'null') is not null as maintenance
      from (select ${contextOf()} as context, parked is not null as parked
            from actors where id = ${surfaceActorSql('s.id')} offset 0) x
    ) a on true
    where s.removed_at is null
  ) shown
  group by status`;
