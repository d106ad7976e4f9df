import type { Pool } from 'pg';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { surfaceSql } from '../actors/projections/surface.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import type { SurfaceStatus } from '../model/surfaces.ts';
import { LATE_MS, lateAfterMs } from './lateChecks.ts';

/**
 * SQL of the statuses that the status grid shows, one row for each surface that fulfils the condition on `s`; the parameter
 * $1 is that of `LATE_MS`.
 */
export const shownStatuses = (condition = 'true'): string => `
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
  where s.removed_at is null and ${condition}`;

/** The status that the grid shows for this surface; null if the file has no such surface. */
export async function readShownStatus(
  pool: Pick<Pool, 'query'>,
  pollIntervalSeconds: number,
  surfaceId: string,
): Promise<SurfaceStatus | null> {
  const { rows } = await queryPrepared<{ status: SurfaceStatus }>(pool, OF_ONE, [
    lateAfterMs(pollIntervalSeconds),
    surfaceId,
  ]);
  return rows[0]?.status ?? null;
}

const OF_ONE = prepared(shownStatuses('s.id = $2'));
