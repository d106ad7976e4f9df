import type { ClientBase } from 'pg';
import type { LockedActors } from './lockedActors.ts';
import type { PendingWrites } from './pendingWrites.ts';
import type { Registry } from './registry.ts';
import { requiredTimers } from './repair/requiredTimers.ts';

/** The transaction that writes these actors. */
interface Writing {
  client: ClientBase;
  registry: Registry;
  actors: LockedActors;
  pending: PendingWrites;
}

/**
 * Arms the timers of actors whose snapshot was migrated into a state that has a timer: entering the state would have
 * armed it, but a migration enters nothing.
 */
export async function armMigratedTimers({ client, registry, actors, pending }: Writing): Promise<void> {
  const owed = [...actors.all()].flatMap((actor) => {
    const { id, rev, dirty, migrated, parked, snapshot } = actor;
    if (!dirty || !migrated || parked !== null || !snapshot) return [];
    const places = requiredTimers(registry.of(id).machine).filter((place) => place.holds(snapshot));
    return places.map(({ timerId, delayMs }) => ({
      id,
      rev,
      timerId,
      delayMs: delayMs(snapshot),
    }));
  });
  if (owed.length === 0) return;
  const { rows } = await client.query<{ key: string }>(ARMED, [[...new Set(owed.map(({ id }) => id))]]);
  const armed = new Set(rows.map(({ key }) => key));
  for (const { id, rev, timerId, delayMs } of owed) {
    const key = `${id} ${timerId}`;
    if (pending.timers.has(key) || (armed.has(key) && !pending.cancelledTimers.has(key))) continue;
    pending.armTimer({ actorId: id, timerId, rev, event: { type: timerId }, delayMs }, actors.now);
  }
}

const ARMED = "select actor_id || ' ' || timer_id as key from timers where actor_id = any($1)";
