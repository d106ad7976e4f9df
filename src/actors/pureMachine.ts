import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  type EventObject,
} from 'xstate';
import type { PersistedSnapshot } from './registry.ts';

/**
 * What `transition` and `initialTransition` of XState do, without the actor that they make for each call: it computes the
 * machine's initial state each time, which took a fifth of the time of a delivery. `test/actors/xstate.test.ts` compares them.
 */

/** What a machine asks for, in the order in which it asks. */
export interface MachineRequest {
  type: string;
  params?: unknown;
}

/** The actor in whose name machines are evaluated. It is never started, so nothing that they ask for is carried out. */
const self = createEmptyActor();
const nothing = (): void => undefined;

function scope(onRequest: (request: MachineRequest) => void): AnyActorScope {
  return {
    self,
    id: '',
    sessionId: '',
    system: self.system,
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: onRequest,
  };
}

/** The snapshot after an event, and what the machine asks for. */
export function transition(
  machine: AnyStateMachine,
  before: AnyMachineSnapshot,
  event: EventObject,
): [AnyMachineSnapshot, MachineRequest[]] {
  const requests: MachineRequest[] = [];
  const after = machine.transition(
    before,
    event,
    scope((request) => requests.push(request)),
  );
  return [after, requests];
}

/** The snapshot before the first event, and what the machine asks for. */
export function initialTransition(machine: AnyStateMachine, input: unknown): [AnyMachineSnapshot, MachineRequest[]] {
  const requests: MachineRequest[] = [];
  const snapshot = machine.getInitialSnapshot(
    scope((request) => requests.push(request)),
    input as never,
  );
  return [snapshot, requests];
}

/** The context with which a machine begins, before anything that it assigns. */
export function firstContext(machine: AnyStateMachine, input: unknown): unknown {
  const context: unknown = machine.config.context;
  return typeof context === 'function'
    ? (context as (given: { input: unknown }) => unknown)({ input })
    : (context ?? {});
}

/**
 * The snapshot that was stored. Throws if this machine has no such state. Snapshots in the same state without children and
 * history differ only in their context, so XState restores the first of them.
 */
export function restore(machine: AnyStateMachine, stored: PersistedSnapshot): AnyMachineSnapshot {
  if (!hasOnlyContext(stored)) return machine.restoreSnapshot(stored as never, scope(nothing));
  const known = restored.get(machine) ?? new Map<string, AnyMachineSnapshot>();
  const state = JSON.stringify(stored.value);
  const alike = known.get(state);
  if (alike) return { ...alike, context: stored.context };
  const snapshot = machine.restoreSnapshot(stored as never, scope(nothing));
  if (known.size >= MAX_STATES) known.clear();
  restored.set(machine, known.set(state, { ...snapshot, context: {} }));
  return snapshot;
}

/** By machine and state. */
const restored = new WeakMap<AnyStateMachine, Map<string, AnyMachineSnapshot>>();
/** The regions of an alert could be combined to more, of which few occur. */
const MAX_STATES = 1_000;

const hasOnlyContext = ({ status, children, historyValue }: PersistedSnapshot): boolean =>
  status === 'active' && Object.keys(children).length === 0 && Object.keys(historyValue ?? {}).length === 0;
