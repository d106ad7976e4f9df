import type { Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { hasStatus } from '../actors/projections/surface.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** Stores the surfaces of the file. New ones are due at once, changed ones keep their schedule, missing ones are removed. */
export async function syncSurfaces(pool: Pool, surfaces: readonly SurfaceConfig[]): Promise<void> {
  await pool.query(
    `with wanted as (
       select config->>'id' as id, position::int, config
       from jsonb_array_elements($1::jsonb) with ordinality as x(config, position)
     ), gone as (
       update surfaces set removed_at = clock_timestamp()
       where removed_at is null and id not in (select id from wanted)
     )
     insert into surfaces (id, position, config) select id, position, config from wanted order by id
     on conflict (id) do update set position = excluded.position, config = excluded.config,
       window_at = case when surfaces.removed_at is null and surfaces.config = excluded.config then surfaces.window_at
         else clock_timestamp() end,
       next_check_at = case when surfaces.removed_at is null then surfaces.next_check_at else clock_timestamp() end,
       checked_at = case when surfaces.removed_at is null then surfaces.checked_at end,
       removed_at = null`,
    [JSON.stringify(surfaces)],
  );
}

/**
 * Ends the episodes of surfaces that were removed from the file. Runs periodically instead of once, so that a crash in
 * between leaves nothing unfinished.
 */
export async function retireRemoved(pool: Pool, deliver: Deliver): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select a.id from surfaces s join actors a on a.id = ${surfaceActorSql('s.id')}
     where s.removed_at is not null and a.parked is null and not ${hasStatus('UNKNOWN', contextOf('a'))}`,
  );
  await deliver(rows.map(({ id }) => ({ to: id, event: { type: 'REMOVED' } })));
}
