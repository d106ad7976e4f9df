import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { Delivered } from '../actors/messages.ts';
import type { CheckedSurface } from './pollerEvents.ts';

/** What the surfaces that begin to fail depend on is looked at before they are believed. */

/** Surfaces that were well until this check, and when the first of those checks began. */
export function newlyFailing(
  batch: readonly CheckedSurface[],
  delivered: readonly Delivered[],
): { ids: string[]; since: Date } | null {
  const begun = new Set(
    delivered.flatMap(({ message: { to, event }, before, snapshot }) => {
      const was = (before?.context as SurfaceContext | undefined)?.bad ?? 0;
      const is = (snapshot?.context as SurfaceContext | undefined)?.bad ?? 0;
      return event.type === 'CHECKED' && was === 0 && is > 0 ? [to] : [];
    }),
  );
  const first = batch.filter(({ surface }) => begun.has(surfaceActor(surface.id))).map(({ surface }) => surface);
  if (first.length === 0) return null;
  const since = new Date(Math.min(...first.map(({ claimed_at }) => claimed_at.getTime())));
  return { ids: first.map(({ id }) => id), since };
}

/**
 * A surface that begins to fail may do so because of what it depends on. That is checked at once, so that it is known to
 * fail, too, before the one below is confirmed.
 */
export async function recheckUpstream(pool: Pool, failing: { ids: string[]; since: Date } | null): Promise<void> {
  if (failing === null) return;
  await pool.query(
    `with recursive above (id) as (
       select jsonb_array_elements_text(config->'dependsOn') from surfaces where id = any($1)
       union
       select jsonb_array_elements_text(s.config->'dependsOn') from surfaces s join above on s.id = above.id
     )
     update surfaces set next_check_at = clock_timestamp()
     where id in (select id from above) and removed_at is null
       and next_check_at > clock_timestamp() and (checked_at is null or checked_at < $2)`,
    [failing.ids, failing.since],
  );
}
