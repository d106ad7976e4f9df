import type { ClientBase } from 'pg';
import type { AnyMachineSnapshot } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';
import { notifyActors } from '../db/notify.ts';
import { addJobs, effectJob, inboxJob, timerJob } from './enqueue.ts';
import type { Message } from './messages.ts';
import type { PersistedSnapshot, Registry } from './registry.ts';
import {
  CANCEL_EFFECTS,
  DELETE_TIMERS,
  FINISH_EFFECTS,
  HOLD_EVENTS,
  INSERT_EFFECTS,
  INSERT_HISTORY,
  insertNew,
  LOCK,
  LOOK_AROUND,
  PARK_ACTORS,
  run,
  TAKE_HELD,
  UPDATE_ACTORS,
  UPSERT_TIMERS,
} from './statements.ts';
import { hydrate, initial, persist, type Step, Unrestorable } from './step.ts';

/** Writers for what machines say: called once a transaction with everything said, in order. */
export type ActionWriters = Record<string, (client: ClientBase, said: NamedAction[]) => Promise<void>>;

export interface NamedAction {
  actorId: string;
  /** Unique within this actor and step, and the same when the step is repeated. */
  id: string;
  params: unknown;
  at: string;
}

interface Loaded {
  id: string;
  isNew: boolean;
  rev: number;
  parked: string | null;
  /** Its version, where only a newer release can move it. */
  newer: number | null;
  snapshot: AnyMachineSnapshot | null;
  dirty: boolean;
}

interface Stored {
  id: string;
  rev: number;
  version: number;
  parked: string | null;
  snapshot: PersistedSnapshot;
}

interface Effect {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: unknown;
}

/** Everything one transaction will write, gathered first and written one statement a table. */
export function createBatch(client: ClientBase, registry: Registry) {
  let at = '';
  const actors = new Map<string, Loaded>();
  const history: object[] = [];
  const effects = new Map<string, Effect>();
  const cancelled: { actor_id: string; child_id: string; spare: string | null }[] = [];
  const finished: { id: string; status: string; result: unknown }[] = [];
  const timers = new Map<string, { actor_id: string; timer_id: string; event: unknown; due_at: string; rev: number }>();
  const taken = new Map<string, { actor_id: string; timer_id: string }>();
  const held: object[] = [];
  const parkings: { id: string; reason: string }[] = [];
  const revived: string[] = [];
  const handedBack = new Map<string, number>();
  const said = new Map<string, NamedAction[]>();

  /**
   * Locks the rows in the order of their ids, so that two batches never wait for each other in a ring. Returns what
   * waited for these actors until somebody could give it to them, oldest first: it goes ahead of what comes now.
   */
  async function load(ids: string[]): Promise<Message[]> {
    const wanted = ids.filter((id) => !actors.has(id));
    if (wanted.length === 0) return [];
    const { rows } = await client.query<Stored>(`${LOCK} order by id for update`, [wanted]);
    for (const { id, rev, version, parked, snapshot } of rows) {
      const entry = registry.of(id);
      const row: Loaded = {
        id,
        isNew: false,
        rev: Number(rev),
        parked,
        newer: version > entry.version ? version : null,
        snapshot: null,
        dirty: false,
      };
      actors.set(id, row);
      if (parked !== null || row.newer !== null) continue;
      try {
        row.snapshot = hydrate(entry, snapshot, version);
      } catch (error) {
        if (!(error instanceof Unrestorable)) throw error;
        park(id, error.message);
      }
    }
    const able = wanted.filter((id) => actors.get(id)?.snapshot);
    const waits = await lookAround(able);
    for (const id of wanted) {
      if (actors.has(id)) continue;
      actors.set(id, {
        id,
        isNew: true,
        rev: 0,
        parked: null,
        newer: null,
        snapshot: initial(registry.of(id), id),
        dirty: false,
      });
    }
    return waits ? takeHeld(able) : [];
  }

  /**
   * The clock is read after the first lock, so that instants follow the order in which actors move; and whether events
   * wait is asked only then, so that those of a transaction this one waited for are seen.
   */
  async function lookAround(ids: string[]): Promise<boolean> {
    const { rows } = await client.query<{ at: Date; waits: boolean }>(LOOK_AROUND, [ids]);
    if (at === '') at = (rows[0]?.at ?? new Date()).toISOString();
    return rows[0]?.waits ?? false;
  }

  async function takeHeld(ids: string[]): Promise<Message[]> {
    const { rows } = await client.query<{ event: Message }>(TAKE_HELD, [ids]);
    return rows.map(({ event }) => event);
  }

  /** Locks a parked actor and restores it; null where it is not parked any more, or this release cannot restore it. */
  async function revive(id: string): Promise<Message[] | null> {
    const { rows } = await client.query<Stored>(`${LOCK} and parked is not null for update`, [[id]]);
    const entry = registry.of(id);
    const [stored] = rows;
    if (!stored || stored.version > entry.version) return null;
    try {
      const snapshot = hydrate(entry, stored.snapshot, stored.version);
      actors.set(id, { id, isNew: false, rev: Number(stored.rev), parked: null, newer: null, snapshot, dirty: true });
    } catch (error) {
      if (error instanceof Unrestorable) return null;
      throw error;
    }
    revived.push(id);
    return (await lookAround([id])) ? takeHeld([id]) : [];
  }

  /**
   * An actor that cannot go on keeps what it did before, and takes no event until a release can restore it.
   * A new one gets its row all the same, so that it is shown and can be revived.
   */
  function park(id: string, reason: string): void {
    const row = actors.get(id);
    if (row) Object.assign(row, { parked: reason, dirty: row.dirty || row.isNew });
    parkings.push({ id, reason });
  }

  function hold(message: Message, reason: string): void {
    held.push({ actor_id: message.to, event: message, event_id: message.eventId ?? null, reason });
  }

  /** Kept for a process of the release that can move the actor: nobody else takes the job. */
  function handBack(message: Message, version: number): void {
    hold(message, 'moved by a newer release');
    handedBack.set(message.to, version);
  }

  function apply(row: Loaded, message: Message, step: Step): void {
    const from = row.isNew && row.rev === 0 ? null : row.snapshot?.value;
    row.rev += 1;
    row.dirty = true;
    row.snapshot = step.snapshot;
    history.push({
      actor_id: row.id,
      rev: row.rev,
      event_id: message.eventId ?? null,
      event: message.event,
      from_state: from ?? null,
      to_state: step.snapshot.value,
      at,
    });
    for (const childId of step.stopped) {
      cancelled.push({ actor_id: row.id, child_id: childId, spare: message.effect?.id ?? null });
      for (const [id, effect] of effects)
        if (effect.actor_id === row.id && effect.child_id === childId) effects.delete(id);
    }
    for (const timerId of step.cancelled) takeBack(row.id, timerId);
    for (const { childId, src, input } of step.effects) {
      const id = `${row.id}:${row.rev}:${childId}`;
      effects.set(id, { id, actor_id: row.id, child_id: childId, src, input });
    }
    for (const { timerId, delayMs, event } of step.armed) {
      const key = `${row.id} ${timerId}`;
      taken.delete(key);
      const due_at = new Date(Date.parse(at) + delayMs).toISOString();
      timers.set(key, { actor_id: row.id, timer_id: timerId, event, due_at, rev: row.rev });
    }
    step.says.forEach(({ name, params }, n) => {
      const list = said.get(name) ?? [];
      list.push({ actorId: row.id, id: `${row.id}:${row.rev}:${n}`, params, at });
      said.set(name, list);
    });
  }

  function takeBack(actorId: string, timerId: string): void {
    const key = `${actorId} ${timerId}`;
    timers.delete(key);
    taken.set(key, { actor_id: actorId, timer_id: timerId });
  }

  async function write(writers: ActionWriters): Promise<string[]> {
    const dirty = [...actors.values()].filter((row) => row.dirty);
    const rows = dirty.map((row) => {
      const entry = registry.of(row.id);
      const snapshot = row.snapshot as AnyMachineSnapshot;
      return {
        id: row.id,
        kind: kindOf(row.id),
        version: entry.version,
        rev: row.rev,
        state: snapshot.value,
        snapshot: persist(entry, snapshot),
        is_new: row.isNew,
      };
    });
    if (rows.length > 0) {
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
    await run(client, INSERT_HISTORY, history);
    await run(client, FINISH_EFFECTS, finished);
    await run(client, CANCEL_EFFECTS, cancelled);
    await run(client, INSERT_EFFECTS, [...effects.values()]);
    await run(client, DELETE_TIMERS, [...taken.values()]);
    await run(client, UPSERT_TIMERS, [...timers.values()]);
    await run(client, HOLD_EVENTS, held);
    if (revived.length > 0) await client.query('update actors set parked = null where id = any($1)', [revived]);
    await run(client, PARK_ACTORS, parkings);
    await addJobs(client, [
      ...[...effects.values()].map(({ id, actor_id }) => effectJob(id, registry.of(actor_id))),
      ...[...timers.values()].map(({ actor_id, timer_id, rev, due_at }) => timerJob(actor_id, timer_id, rev, due_at)),
      ...[...handedBack].map(([id, version]) => inboxJob(id, version)),
    ]);
    for (const [name, list] of said) {
      const writer = writers[name];
      if (!writer) throw new Error(`a machine says "${name}", and nobody writes it down`);
      await writer(client, list);
    }
    const changed = [...new Set([...dirty, ...parkings].map(({ id }) => id))];
    await notifyActors(client, changed);
    return changed;
  }

  return {
    actors,
    instant: () => at,
    load,
    revive,
    park,
    hold,
    apply,
    write,
    takeBack,
    handBack,
    finish: (id: string, status: 'done' | 'failed' | 'dead', result: unknown) => finished.push({ id, status, result }),
  };
}
