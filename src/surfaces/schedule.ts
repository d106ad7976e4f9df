import type { Pool } from 'pg';
import type { CheckedSurface, ClaimedSurface } from './pollerEvents.ts';

/** When surfaces are checked. Any number of processes share the surfaces; `next_check_at` says when each is due. */

/** A surface whose process died while checking is due again after its timeout and this many seconds. */
const GRACE_S = 5;
/** How far ahead a claim sets the next check, in seconds. */
const CLAIMED_S = `greatest($2::float8, (config->>'timeoutMs')::float8 / 1000 + ${GRACE_S})`;

/**
 * Claims surfaces that are due. `next_check_at` moves forward at once, so that no other process takes the surface and a
 * crash loses one check at most. A time further ahead than any claim would set it comes from a clock that was set back,
 * or from a longer interval of before: such a surface is due, too.
 */
export async function claimDue(pool: Pool, room: number, intervalSeconds: number): Promise<ClaimedSurface[]> {
  if (room <= 0) return [];
  const { rows } = await pool.query<ClaimedSurface>(
    `with due as (
       select id from surfaces
       where removed_at is null and (next_check_at <= clock_timestamp()
         or next_check_at > clock_timestamp() + (${CLAIMED_S} + ${GRACE_S}) * interval '1 second')
       order by next_check_at limit $1 for update skip locked
     )
     update surfaces s set next_check_at = clock_timestamp() + ${CLAIMED_S} * interval '1 second'
     from due where s.id = due.id
     returning s.id, s.config, clock_timestamp() as claimed_at`,
    [room, intervalSeconds],
  );
  return rows;
}

/** Makes checked surfaces due again one interval after they were claimed. */
export async function scheduleNext(
  pool: Pool,
  batch: readonly CheckedSurface[],
  intervalSeconds: number,
): Promise<void> {
  await pool.query(
    `with checked as (select * from unnest($1::text[], $2::timestamptz[]) as x(id, at)),
       locked as materialized (select id from surfaces where id in (select id from checked) order by id for update)
     update surfaces s set next_check_at = least(s.next_check_at, checked.at + $3 * interval '1 second')
     from checked join locked using (id) where s.id = checked.id`,
    [batch.map(({ surface }) => surface.id), batch.map(({ surface }) => surface.claimed_at), intervalSeconds],
  );
}
