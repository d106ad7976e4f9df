import type { ClientBase } from 'pg';
import type { AnyMachineSnapshot } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';
import { notifyActors } from '../db/notify.ts';
import { pipelineAll, pipelineTwoAtATime } from '../db/pipeline.ts';
import { groupBy } from '../lib/groupBy.ts';
import { addJobs, effectJob, inboxJob, timerJob } from './enqueue.ts';
import type { LoadedActor } from './loadedActor.ts';
import { LockedActors } from './lockedActors.ts';
import { changedRows, DELETE_ENTRIES, INSERT_ENTRIES, withoutRows } from './longLists.ts';
import { armMigratedTimers } from './migratedTimers.ts';
import type { BeginEffects, NewEffect } from './newEffects.ts';
import { type NamedAction, PendingWrites } from './pendingWrites.ts';
import type { PersistedSnapshot, Registry } from './registry.ts';
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

/** Has work done in this process once the transaction is committed, before its effects begin. It must not throw. */
type AfterCommit = (work: () => void) => void;

export type ActionWriter = (client: ClientBase, actions: NamedAction[], afterCommit: AfterCommit) => Promise<void>;

/**
 * Writers of named actions: each is called once per transaction with all its actions, in their order. Names whose actions
 * write to the same rows must have the same writer, because only it sees their order.
 */
export type ActionWriters = Record<string, ActionWriter>;

/** The actions of one transaction by their writer. */
export const byWriter = <Writer>(
  writers: Readonly<Record<string, Writer>>,
  actions: readonly NamedAction[],
): Map<Writer, NamedAction[]> => groupBy(actions, ({ name }) => writerOf(writers, name));

function writerOf<Writer>(writers: Readonly<Record<string, Writer>>, name: string): Writer {
  const writer = writers[name];
  if (!writer) throw new Error(`No writer registered for machine action "${name}"`);
  return writer;
}

/** One transaction that moves actors: those it has loaded, and the rows it will write. */
export interface Batch {
  client: ClientBase;
  registry: Registry;
  actors: LockedActors;
  pending: PendingWrites;
  afterCommit: AfterCommit;
}

/** `begun`: once the transaction of `client` has begun. Until actors are loaded, nothing may be written. */
export function createBatch(
  client: ClientBase,
  registry: Registry,
  { begun, afterCommit }: { begun: Promise<unknown>; afterCommit: AfterCommit },
): Batch {
  const pending = new PendingWrites();
  return { client, registry, pending, actors: new LockedActors(client, registry, pending, begun), afterCommit };
}

/** To prepare all statements of more actors at once would hold up other requests of this process. */
const MAX_SENT_AT_ONCE = 50;

/**
 * Writes everything that is pending: one statement per table, then the jobs, the named actions and the notification.
 * `begin` says which of the effects run in this process. If few actors change, no statement waits for the answer to the one
 * before it; if many do, each is sent while the one before it runs.
 */
export async function flush(
  batch: Batch,
  writers: ActionWriters,
  begin: BeginEffects = () => undefined,
): Promise<void> {
  const { client, pending, afterCommit } = batch;
  const groups = byWriter(writers, pending.actions);
  const dirty = [...batch.actors.all()].filter((actor) => actor.dirty);
  await armMigratedTimers(batch);
  const changed = dirty.filter(({ isNew }) => !isNew);
  const created = dirty.filter(({ isNew }) => isNew);
  const entries = changedRows(batch.registry, dirty);
  const effects = effectsToInsert(batch);
  const begun = effects.length > 0 ? begin(effects) : undefined;
  const isBegun = ({ id }: NewEffect) => begun?.ids.has(id) ?? false;
  const [running, waiting] = [effects.filter(isBegun), effects.filter((effect) => !isBegun(effect))];
  const steps = [
    () => insertNew(client, actorRows(batch, created)),
    () => run(client, UPDATE_ACTORS, actorRows(batch, changed)),
    () => run(client, DELETE_ENTRIES, entries.gone),
    () => run(client, INSERT_ENTRIES, entries.added),
    () => run(client, INSERT_HISTORY, pending.history),
    () => run(client, FINISH_EFFECTS, pending.finishedEffects),
    () => run(client, CANCEL_EFFECTS, pending.cancelledEffects),
    () =>
      run(
        client,
        INSERT_EFFECTS,
        effects.map((effect) => ({ ...effect, begun: isBegun(effect) })),
      ),
    () => run(client, DELETE_TIMERS, [...pending.cancelledTimers.values()]),
    () => run(client, UPSERT_TIMERS, [...pending.timers.values()]),
    () => run(client, HOLD_EVENTS, pending.held),
    () => reviveActors(batch),
    () => run(client, PARK_ACTORS, pending.parked),
    () => addPendingJobs(batch, waiting),
    async () => running.length > 0 && begun?.addJobs(client, jobsOf(batch, running)),
    ...[...groups].map(
      ([write, actions]) =>
        () =>
          write(client, actions, afterCommit),
    ),
    () => notifyActors(client, [...new Set([...dirty, ...pending.parked].map(({ id }) => id))]),
  ];
  await (dirty.length > MAX_SENT_AT_ONCE ? pipelineTwoAtATime(client, steps) : pipelineAll(client, steps));
}

const actorRows = ({ registry }: Batch, actors: readonly LoadedActor[]) =>
  actors.map((actor) => {
    const entry = registry.of(actor.id);
    const snapshot = actor.snapshot as AnyMachineSnapshot;
    return {
      id: actor.id,
      kind: kindOf(actor.id),
      version: entry.version,
      rev: actor.rev,
      state: snapshot.value,
      snapshot: withoutRows(entry, persistable(entry, snapshot) as PersistedSnapshot),
    };
  });

async function reviveActors({ client, pending }: Batch): Promise<void> {
  if (pending.revived.length > 0) await client.query(REVIVE_ACTORS, [pending.revived]);
}

const effectsToInsert = ({ registry, pending }: Batch): NewEffect[] =>
  [...pending.effects.values()].map((effect) => ({ ...effect, version: registry.of(effect.actor_id).version }));

const jobsOf = ({ registry }: Batch, effects: readonly NewEffect[]) =>
  effects.map(({ id, actor_id, src, version }) => effectJob(id, registry.of(actor_id), version, { src }));

const addPendingJobs = (batch: Batch, waiting: readonly NewEffect[]): Promise<void> => {
  const { client, pending } = batch;
  return addJobs(client, [
    ...jobsOf(batch, waiting),
    ...[...pending.timers.values()].map(({ actor_id, timer_id, rev, due_at }) =>
      timerJob(actor_id, timer_id, rev, due_at),
    ),
    ...[...pending.handedBack].map(([id, version]) => inboxJob(id, version)),
  ]);
};
