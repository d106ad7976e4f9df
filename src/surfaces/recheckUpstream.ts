import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { Delivered } from '../actors/messages.ts';
import type { CheckedSurface } from './pollerEvents.ts';

/** The surfaces whose checks began to fail in this batch, and when the first of those checks started; null for none. */
export function newlyFailing(
  batch: readonly CheckedSurface[],
  delivered: readonly Delivered[],
): { ids: string[]; since: Date } | null {
  const startedToFail = new Set(
    delivered.flatMap(({ message: { to, event }, before, snapshot }) => {
      const badBefore = (before?.context as SurfaceContext | undefined)?.bad ?? 0;
      const badNow = (snapshot?.context as SurfaceContext | undefined)?.bad ?? 0;
      return event.type === 'CHECKED' && badBefore === 0 && badNow > 0 ? [to] : [];
    }),
  );
  const first = batch
    .filter(({ surface }) => startedToFail.has(surfaceActor(surface.id)))
    .map(({ surface }) => surface);
  if (first.length === 0) return null;
  const since = new Date(Math.min(...first.map(({ claimed_at }) => claimed_at.getTime())));
  return { ids: first.map(({ id }) => id), since };
}

/**
 * A surface may be failing because of a surface that it depends on. All upstream surfaces become due at once, so that
 * their failure is known before the failure of the dependent surface is confirmed.
 */
export async function recheckUpstream(pool: Pool, failing: { ids: string[]; since: Date } | null): Promise<void> {
  if (failing === null) return;
  await pool.query(
    `with recursive upstream (id) as (
       select jsonb_array_elements_text(config->'dependsOn') from surfaces where id = any($1)
       union
       select jsonb_array_elements_text(s.config->'dependsOn') from surfaces s join upstream on s.id = upstream.id
     )
     , locked as materialized (
       select id from surfaces where id in (select id from upstream) and removed_at is null
         and next_check_at > clock_timestamp() and (checked_at is null or checked_at < $2)
       order by id for update
     )
     update surfaces s set next_check_at = clock_timestamp() from locked where s.id = locked.id`,
    [failing.ids, failing.since],
  );
}
