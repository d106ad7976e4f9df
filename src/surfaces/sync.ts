import type { ClientBase, Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { isToBeRetired } from '../actors/projections/surface.ts';
import { transaction } from '../db/pool.ts';
import { type FileVerdict, type FileVersion, takeIntoForce } from './fileVersion.ts';
import { syncSelfChecks } from './selfCheck.ts';
import type { SelfCheckTarget, SurfaceConfig } from './surfacesFile.ts';

/** The surfaces, and the file that lists them; without one they are stored whatever is in force. */
export interface Listed {
  surfaces: readonly SurfaceConfig[];
  selfChecks?: readonly SelfCheckTarget[];
  file?: FileVersion;
  /** Stores what else the file lists, in the same transaction. */
  also?: (client: ClientBase) => Promise<void>;
}

/** Stores what the file lists, unless a newer file is in force. */
export async function syncFile(pool: Pool, { surfaces, selfChecks, file, also }: Listed): Promise<FileVerdict> {
  return transaction(pool, async (client) => {
    const verdict: FileVerdict = file ? await takeIntoForce(client, file) : { isInForce: true, returns: false };
    if (!verdict.isInForce) return verdict;
    await syncSurfaces(client, surfaces);
    if (selfChecks) await syncSelfChecks(client, selfChecks);
    await also?.(client);
    return verdict;
  });
}

/**
 * Stores the surfaces of the file. New ones are due at once, changed ones keep their schedule unless their interval is
 * shorter now, missing ones are removed. Without another interval a schedule stays: a surface that is being checked has
 * only its claim there, and an interval after its last check it would be checked a second time at once. Rows are locked in
 * the order of their ids, as everywhere.
 */
export async function syncSurfaces(client: Pick<Pool, 'query'>, surfaces: readonly SurfaceConfig[]): Promise<void> {
  await client.query(
    `with wanted as (
       select config->>'id' as id, position::int, config
       from jsonb_array_elements($1::jsonb) with ordinality as x(config, position)
     ), locked as materialized (
       select id from surfaces order by id for update
     ), gone as (
       update surfaces set removed_at = clock_timestamp()
       where removed_at is null and id in (select id from locked) and id not in (select id from wanted)
     )
     insert into surfaces (id, position, config) select id, position, config from wanted
     where (select count(*) from locked) >= 0 order by id
     on conflict (id) do update set position = excluded.position, config = excluded.config,
       window_at = case when surfaces.removed_at is null and surfaces.config = excluded.config then surfaces.window_at
         else clock_timestamp() end,
       next_check_at = case when surfaces.removed_at is not null then clock_timestamp()
         when surfaces.config->>'intervalSeconds' is not distinct from excluded.config->>'intervalSeconds'
           then surfaces.next_check_at
         else least(surfaces.next_check_at, coalesce(surfaces.checked_at, clock_timestamp())
           + (excluded.config->>'intervalSeconds')::float8 * interval '1 second') end,
       checked_at = case when surfaces.removed_at is null then surfaces.checked_at end,
       removed_at = null`,
    [JSON.stringify(surfaces)],
  );
}

/**
 * Ends the episodes of surfaces that were removed from the file, also those that a late check opened. Runs periodically instead of once, so that a crash in
 * between leaves nothing unfinished.
 */
export async function retireRemoved(pool: Pool, deliver: Deliver): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select a.id from surfaces s join actors a on a.id = ${surfaceActorSql('s.id')}
     where s.removed_at is not null and a.parked is null and ${isToBeRetired('a.state', contextOf('a'))}`,
  );
  await deliver(rows.map(({ id }) => ({ to: id, event: { type: 'REMOVED' } })));
}
