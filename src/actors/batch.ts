import type { ClientBase } from 'pg';
import type { AnyMachineSnapshot } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';
import { notifyActors } from '../db/notify.ts';
import { addJobs, effectJob, inboxJob, timerJob } from './enqueue.ts';
import type { LoadedActor } from './loadedActor.ts';
import { LockedActors } from './lockedActors.ts';
import { armMigratedTimers } from './migratedTimers.ts';
import { type NamedAction, PendingWrites } from './pendingWrites.ts';
import type { Registry } from './registry.ts';
import {
  CANCEL_EFFECTS,
  DELETE_TIMERS,
  FINISH_EFFECTS,
  HOLD_EVENTS,
  INSERT_EFFECTS,
  INSERT_HISTORY,
  insertNew,
  PARK_ACTORS,
  REVIVE_ACTORS,
  run,
  UPDATE_ACTORS,
  UPSERT_TIMERS,
} from './statements.ts';
import { persistable } from './step.ts';

/** Writers of named actions: each is called once per transaction with all actions of its name, in their order. */
export type ActionWriters = Record<string, (client: ClientBase, actions: NamedAction[]) => Promise<void>>;

/** One transaction that moves actors: those it has loaded, and the rows it will write. */
export interface Batch {
  client: ClientBase;
  registry: Registry;
  actors: LockedActors;
  pending: PendingWrites;
}

export function createBatch(client: ClientBase, registry: Registry): Batch {
  const pending = new PendingWrites();
  return { client, registry, pending, actors: new LockedActors(client, registry, pending) };
}

/** Writes everything that is pending: one statement per table, then the jobs, the named actions and the notification. */
export async function flush(batch: Batch, writers: ActionWriters): Promise<void> {
  const { client, pending } = batch;
  const dirty = [...batch.actors.all()].filter((actor) => actor.dirty);
  await writeActors(batch, dirty);
  await run(client, INSERT_HISTORY, pending.history);
  await run(client, FINISH_EFFECTS, pending.finishedEffects);
  await run(client, CANCEL_EFFECTS, pending.cancelledEffects);
  await run(client, INSERT_EFFECTS, effectsToInsert(batch));
  await armMigratedTimers(batch);
  await run(client, DELETE_TIMERS, [...pending.cancelledTimers.values()]);
  await run(client, UPSERT_TIMERS, [...pending.timers.values()]);
  await run(client, HOLD_EVENTS, pending.held);
  if (pending.revived.length > 0) await client.query(REVIVE_ACTORS, [pending.revived]);
  await run(client, PARK_ACTORS, pending.parked);
  await addPendingJobs(batch);
  for (const [name, actions] of pending.actions) {
    const writer = writers[name];
    if (!writer) throw new Error(`No writer registered for machine action "${name}"`);
    await writer(client, actions);
  }
  await notifyActors(client, [...new Set([...dirty, ...pending.parked].map(({ id }) => id))]);
}

async function writeActors({ client, registry }: Batch, actors: LoadedActor[]): Promise<void> {
  if (actors.length === 0) return;
  const rows = actors.map((actor) => {
    const entry = registry.of(actor.id);
    const snapshot = actor.snapshot as AnyMachineSnapshot;
    return {
      id: actor.id,
      kind: kindOf(actor.id),
      version: entry.version,
      rev: actor.rev,
      state: snapshot.value,
      snapshot: persistable(entry, snapshot),
      is_new: actor.isNew,
    };
  });
  await insertNew(
    client,
    rows.filter((row) => row.is_new),
  );
  await run(
    client,
    UPDATE_ACTORS,
    rows.filter((row) => !row.is_new),
  );
}

const effectsToInsert = ({ registry, pending }: Pick<Batch, 'registry' | 'pending'>) =>
  [...pending.effects.values()].map((effect) => ({ ...effect, version: registry.of(effect.actor_id).version }));

const addPendingJobs = ({ client, registry, pending }: Batch): Promise<void> =>
  addJobs(client, [
    ...effectsToInsert({ registry, pending }).map(({ id, actor_id, src, version }) =>
      effectJob(id, registry.of(actor_id), version, { src }),
    ),
    ...[...pending.timers.values()].map(({ actor_id, timer_id, rev, due_at }) =>
      timerJob(actor_id, timer_id, rev, due_at),
    ),
    ...[...pending.handedBack].map(([id, version]) => inboxJob(id, version)),
  ]);
