import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate';
import type { MachineEntry, PersistedSnapshot } from '../../../src/actors/registry.ts';
import { hydrate, initial, type MachineAction, persist, type Step, step } from '../../../src/actors/step.ts';

/**
 * A host in memory that runs machines as the real one does: each event gets the current instant, each snapshot goes
 * through JSON before the next event, timers fire when the clock passes them, and a test gives the result of each effect.
 */
export interface TestHost {
  actor<Context>(machine: AnyStateMachine, id: string): Actor<Context>;
  now(): string;
  /** Moves the clock forward; every due timer fires at its own instant. */
  wait(ms: number): Fired[];
}

/** An event, the result of an effect, or passing time. */
export type ActorInput =
  | EventObject
  | { done: string; output: unknown }
  | { broke: string }
  | { wait: number }
  | { together: EventObject[] }
  | { amended: (stored: PersistedSnapshot) => PersistedSnapshot };

export interface Reaction {
  actions: MachineAction[];
  /** False when state and context are unchanged. */
  moved: boolean;
  /** What the step asks of the host, one short line each; see {@link asksOf}. */
  asks: string[];
}

export interface Fired extends Reaction {
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Actor<Context> {
  id: string;
  readonly context: Context;
  readonly value: AnyMachineSnapshot['value'];
  /** Running effects, by child id. */
  running: Map<string, { src: string; input: Record<string, unknown> }>;
  /** The input of the running effect with this child id. */
  input<T>(child: string): T;
  timers: Map<string, { due: number; event: EventObject }>;
  /** Every state in which a step has ended, as dotted paths. */
  visited: Set<string>;
  take(...inputs: ActorInput[]): Reaction;
  /** The snapshot in its stored form. */
  stored(): string;
}

export const minutes = (n: number): number => n * 60_000;
export const seconds = (n: number): number => n * 1_000;

export const done = (child: string, output: unknown): ActorInput => ({ done: child, output });
export const broke = (child: string): ActorInput => ({ broke: child });
/** Changes the stored snapshot, as a bug or a manual repair would. */
export const amended = (by: (stored: PersistedSnapshot) => PersistedSnapshot): ActorInput => ({ amended: by });
export const wait = (ms: number): ActorInput => ({ wait: ms });
/** Events of one delivery: as in the host, the snapshot is stored after the last one. */
export const together = (...events: ActorInput[]): ActorInput => ({ together: events as EventObject[] });

/** One actor in its own test host. */
export const play = <Context>(machine: AnyStateMachine, id: string): Actor<Context> =>
  createTestHost().actor<Context>(machine, id);

export function createTestHost(): TestHost {
  let now = Date.parse('2026-05-05T14:00:00.000Z');
  const all: { id: string; timers: Actor<unknown>['timers']; deliver(event: EventObject): Reaction }[] = [];

  function wait(ms: number): Fired[] {
    const until = now + ms;
    const fired: Fired[] = [];
    for (;;) {
      const due = all
        .flatMap((actor) => [...actor.timers].map(([timerId, timer]) => ({ actor, timerId, ...timer })))
        .filter((timer) => timer.due <= until)
        .sort((a, b) => a.due - b.due)[0];
      if (!due) break;
      now = Math.max(now, due.due);
      due.actor.timers.delete(due.timerId);
      fired.push({ by: due.actor.id, at: now, ...due.actor.deliver(due.event) });
    }
    now = until;
    return fired;
  }

  function actor<Context>(machine: AnyStateMachine, id: string): Actor<Context> {
    const entry: MachineEntry = { kind: id, machine, version: 1, migrations: {}, urgent: [] };
    const running: Actor<Context>['running'] = new Map();
    const timers: Actor<Context>['timers'] = new Map();
    const visited = new Set<string>();
    let stored: PersistedSnapshot;
    let snapshot = initial(entry, id);
    stored = persist(entry, snapshot);

    function store(next: AnyMachineSnapshot): void {
      stored = persist(entry, next);
      snapshot = hydrate(entry, stored, 1);
      for (const path of pathsOf(snapshot.value)) visited.add(path);
    }

    function deliver(event: EventObject, isLast = true): Reaction {
      const result = step(entry, snapshot, { ...event, at: new Date(now).toISOString() } as EventObject);
      for (const child of result.stopped) running.delete(child);
      for (const timer of result.cancelled) timers.delete(timer);
      for (const { childId, src, input } of result.effects) {
        running.set(childId, { src, input: JSON.parse(JSON.stringify(input)) as Record<string, unknown> });
      }
      for (const { timerId, delayMs, event: later } of result.armed)
        timers.set(timerId, { due: now + delayMs, event: later });
      if (isLast) store(result.snapshot);
      else snapshot = result.snapshot;
      return { actions: result.actions, moved: result.moved, asks: asksOf(result) };
    }

    function inputOf(child: string): unknown {
      const effect = running.get(child);
      if (!effect) throw new Error(`no effect runs as "${child}" in ${id}`);
      return effect.input;
    }

    function take(given: ActorInput): Reaction[] {
      if ('wait' in given) return wait(given.wait as number);
      if ('together' in given) {
        const events = given.together as EventObject[];
        return events.map((event, n) => deliver(event, n === events.length - 1));
      }
      if ('amended' in given) {
        const amend = given.amended as (stored: PersistedSnapshot) => PersistedSnapshot;
        store(hydrate(entry, amend(stored), 1));
        return [];
      }
      if (!('done' in given) && !('broke' in given)) return [deliver(given)];
      const child = String('done' in given ? given.done : given.broke);
      inputOf(child);
      running.delete(child);
      const outcome = 'done' in given ? { output: given.output } : { error: { message: 'gave up' } };
      const event = { type: `xstate.${'done' in given ? 'done' : 'error'}.actor.${child}`, actorId: child };
      return [deliver({ ...event, ...outcome })];
    }

    all.push({ id, timers, deliver });
    return {
      id,
      get context() {
        return snapshot.context as Context;
      },
      get value() {
        return snapshot.value;
      },
      running,
      input: <T>(child: string) => inputOf(child) as T,
      timers,
      visited,
      take(...inputs) {
        const reactions = inputs.flatMap(take);
        return {
          actions: reactions.flatMap(({ actions }) => actions),
          moved: reactions.some(({ moved }) => moved),
          asks: reactions.flatMap(({ asks }) => asks),
        };
      },
      stored: () => JSON.stringify(stored),
    };
  }

  return { actor, wait, now: () => new Date(now).toISOString() };
}

/** The parameters of all actions with this name, as the writers of the host receive them. */
export const paramsOf = <T>(actions: MachineAction[], name: string): T[] =>
  actions.filter((action) => action.name === name).flatMap(({ params }) => params as T[]);

/**
 * The actions of a step in their order, then its effects: `audit filed P1`, `tell helpdesk LEFT`, `run fileTicket 1`,
 * where 1 is the number of the actor's filing. Timers are omitted because tests let time pass instead. So is the
 * membership of umbrella tickets, which has its own tests.
 */
function asksOf({ actions, effects }: Pick<Step, 'actions' | 'effects'>): string[] {
  return [
    ...actions
      .filter(({ name }) => name !== 'enlist')
      .flatMap(({ name, params }) =>
        (params as Record<string, unknown>[]).map((each) => `${name} ${brief(name, each)}`),
      ),
    ...effects.map(({ src, input }) => `run ${src} ${briefInput(input as Record<string, unknown>)}`),
  ];
}

function brief(name: string, each: Record<string, unknown>): string {
  const inner = (key: string) => (each[key] ?? {}) as Record<string, unknown>;
  switch (name) {
    case 'audit':
      return joined(
        String(each.action).split('.').pop()?.replace('ticket_', ''),
        inner('payload').severity,
        inner('payload').reason,
      );
    case 'intend':
    case 'adopt':
      return nth(each.filingId);
    case 'tell':
      return joined(
        each.to,
        inner('event').type,
        inner('event').problem,
        inner('event').probe && 'probe',
        inner('event').last && 'last',
        inner('event').refused && 'refused',
      );
    case 'answer':
      return joined(each.clickId, answerOf(inner('body')));
    case 'hold':
      return joined(each.over ?? each.reason, each.severity);
    case 'emitAlert':
      return joined(each.status, each.severity, each.reason);
    default:
      return nth(each);
  }
}

const nth = (filingId: unknown): string => String(filingId).split(':').at(-1) ?? '';

function answerOf(body: Record<string, unknown>): string {
  if ('refused' in body) return `refused ${String(body.status)}`;
  if (body.degraded === true) return String(body.reason);
  return `ticket ${String(body.ticket_id)} ${body.idempotent === true ? 'again' : 'new'}`;
}

function briefInput({ kind, filingId, probe, last, about }: Record<string, unknown>): string {
  const what = (about as { what?: string } | undefined)?.what;
  return joined(kind, filingId && nth(filingId), probe && 'probe', last && 'last', what);
}

const joined = (...parts: unknown[]): string =>
  parts.filter((part) => part !== undefined && part !== false && part !== null).join(' ');

export function pathsOf(value: AnyMachineSnapshot['value']): string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = inner === undefined ? [] : pathsOf(inner);
    return below.length === 0 ? [key] : below.map((path) => `${key}.${path}`);
  });
}

/** Every state in which a step can end: all except the named transient ones, which have an immediate transition. */
export function stableStates(machine: AnyStateMachine, transient: string[] = []): string[] {
  const leaves = (node: AnyStateNode): AnyStateNode[] => {
    const children = Object.values(node.states);
    return children.length === 0 ? [node] : children.flatMap(leaves);
  };
  return leaves(machine.root)
    .map((node) => node.path.join('.'))
    .filter((path) => !transient.includes(path))
    .sort();
}
