import { isDeepStrictEqual } from 'node:util';
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { firstContext, initialTransition, type MachineRequest, restore, transition } from './pureMachine.ts';
import type { MachineEntry, PersistedSnapshot } from './registry.ts';

/**
 * The result of one event applied to one snapshot, without any I/O: the next snapshot, and what the host has to do.
 * The names of XState's own actions are internals of the library; `test/actors/xstate.test.ts` pins them.
 */
export interface Step {
  snapshot: AnyMachineSnapshot;
  /** False where state and context are unchanged. */
  moved: boolean;
  /** Actions for writers or other actors, in the order in which the machine asked for them. */
  actions: MachineAction[];
  effects: { childId: string; src: string; input: unknown }[];
  stopped: string[];
  armed: { timerId: string; delayMs: number; event: EventObject }[];
  cancelled: string[];
}

/** A named action of a machine with its parameters; a writer executes it. */
export interface MachineAction {
  name: string;
  params: unknown;
}

/** A snapshot cannot be restored; the actor is parked with this message as the reason. */
export class Unrestorable extends Error {}

/**
 * Restores without starting anything: an actor that was never started runs no effect and arms no timer.
 * `machine.resolveState` would drop the children and deep history.
 */
export function hydrate(entry: MachineEntry, stored: PersistedSnapshot, version: number): AnyMachineSnapshot {
  const failed = (error: unknown) =>
    new Unrestorable(`"${entry.kind}" version ${version} does not restore: ${String(error)}`);
  let restored: AnyMachineSnapshot;
  try {
    restored = restore(entry.machine, migrated(entry, stored, version));
  } catch (error) {
    throw error instanceof Unrestorable ? error : failed(error);
  }
  if (restored.status === 'error') throw failed(restored.error);
  return restored;
}

function migrated(entry: MachineEntry, stored: PersistedSnapshot, version: number): PersistedSnapshot {
  let snapshot = stored;
  for (let v = version; v < entry.version; v++) {
    const migrate = entry.migrations[v];
    if (!migrate) throw new Unrestorable(`no migration of "${entry.kind}" from version ${v} to ${v + 1}`);
    snapshot = migrate(snapshot);
  }
  return snapshot;
}

/** First snapshots by machine, which the actors of a machine differ in by nothing but their context. */
const beginnings = new WeakMap<AnyStateMachine, AnyMachineSnapshot>();

/**
 * The snapshot of an actor before its first event. The machine is evaluated for the first of its actors only, so no
 * machine may decide by the actor's id before its first event. One that assigns something at its beginning is evaluated
 * each time.
 */
export function initial(entry: MachineEntry, actorId: string): AnyMachineSnapshot {
  const context = firstContext(entry.machine, { id: actorId });
  const known = beginnings.get(entry.machine);
  if (known) return { ...known, context };
  const snapshot = evaluatedInitial(entry, actorId);
  if (isDeepStrictEqual(snapshot.context, context)) beginnings.set(entry.machine, snapshot);
  return snapshot;
}

function evaluatedInitial(entry: MachineEntry, actorId: string): AnyMachineSnapshot {
  const [snapshot, actions] = initialTransition(entry.machine, { id: actorId });
  const unexpected = actions.filter((action) => !(action.type === 'xstate.raise' && !delayOf(action)));
  if (unexpected.length > 0) throw new Error(`"${entry.kind}" asks for ${unexpected[0]?.type} before its first event`);
  return snapshot;
}

/** What is stored of a snapshot. It still shares the context with the snapshot, so it has to be written as JSON at once. */
export const persistable = (entry: MachineEntry, snapshot: AnyMachineSnapshot): unknown =>
  entry.machine.getPersistedSnapshot(snapshot);

/** The same as it comes back from the database. */
export const persist = (entry: MachineEntry, snapshot: AnyMachineSnapshot): PersistedSnapshot =>
  JSON.parse(JSON.stringify(persistable(entry, snapshot))) as PersistedSnapshot;

/** Throws the error of an action, guard or assignment that failed: it is a bug of ours. */
export function step(entry: MachineEntry, before: AnyMachineSnapshot, event: EventObject): Step {
  const [after, executable] = transition(entry.machine, before, event);
  if (after.status === 'error') throw after.error;
  const result: Step = {
    snapshot: after,
    moved: !sameState(before, after),
    actions: [],
    effects: [],
    stopped: [],
    armed: [],
    cancelled: [],
  };
  for (const action of executable) interpret(entry, action, result);
  return result;
}

function sameState(before: AnyMachineSnapshot, after: AnyMachineSnapshot): boolean {
  return (
    before === after ||
    (before.status === after.status &&
      isDeepStrictEqual(before.value, after.value) &&
      sameContext(before.context as Record<string, unknown>, after.context as Record<string, unknown>))
  );
}

/** Compares field by field and skips fields that are the same object, since a context may hold a long list. */
function sameContext(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every((key) => {
    const [was, is] = [before[key], after[key]];
    if (was === is) return true;
    if (Array.isArray(was) && Array.isArray(is) && was.length !== is.length) return false;
    return isDeepStrictEqual(plain(was), plain(is));
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify([value]));

const delayOf = (action: { params?: unknown }): number | undefined =>
  (action.params as { delay?: number } | undefined)?.delay;

function interpret(entry: MachineEntry, action: MachineRequest, into: Step): void {
  const params = (action.params ?? {}) as Record<string, unknown>;
  switch (action.type) {
    case 'xstate.spawnChild':
      into.effects.push({ childId: String(params.id), src: String(params.src), input: params.input ?? null });
      return;
    case 'xstate.stopChild': {
      // An effect that this step both started and stopped is not started; one of an earlier step is stopped.
      const childId = String(params.id);
      into.effects = into.effects.filter((effect) => effect.childId !== childId);
      into.stopped.push(childId);
      return;
    }
    case 'xstate.raise': {
      const delayMs = delayOf(action);
      // Without a delay, the machine has already handled its own event within this step.
      if (delayMs === undefined) return;
      into.armed.push({ timerId: String(params.id), delayMs, event: params.event as EventObject });
      return;
    }
    case 'xstate.cancel': {
      const timerId = String(params.sendId);
      into.armed = into.armed.filter((timer) => timer.timerId !== timerId);
      into.cancelled.push(timerId);
      return;
    }
    default:
      if (action.type.startsWith('xstate.'))
        throw new Error(`"${entry.kind}" asks for ${action.type}, which the host does not support`);
      into.actions.push({ name: action.type, params: action.params });
  }
}
