import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate';
import type { MachineEntry, PersistedSnapshot } from '../../../src/actors/registry.ts';
import { hydrate, initial, type MachineAction, persist, type Step, step } from '../../../src/actors/step.ts';

/**
 * Plays machines as the host does, without one: each event is stamped with the instant, each snapshot goes through
 * JSON before the next event, timers fire when the clock passes them, and effects end when a test says how.
 */
export interface Stage {
  actor<Context>(machine: AnyStateMachine, id: string): Actor<Context>;
  now(): string;
  /** Lets time pass: every timer that is due fires at its own instant. */
  wait(ms: number): Fired[];
}

/** One thing that happens to an actor: an event, the end of an effect, or time that passes. */
export type Happening =
  | EventObject
  | { done: string; output: unknown }
  | { broke: string }
  | { wait: number }
  | { amended: (stored: PersistedSnapshot) => PersistedSnapshot };

export interface Taken {
  says: MachineAction[];
  /** False where state and context are what they were. */
  moved: boolean;
  /** What is asked of the world, one short line each; see {@link asksOf}. */
  asks: string[];
}

export interface Fired extends Taken {
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Actor<Context> {
  id: string;
  readonly context: Context;
  readonly value: AnyMachineSnapshot['value'];
  /** Effects under way, by child id. */
  running: Map<string, { src: string; input: Record<string, unknown> }>;
  /** What the effect under way as this child was given. */
  input<T>(child: string): T;
  timers: Map<string, { due: number; event: EventObject }>;
  /** Every state it has rested in, as dotted paths. */
  rested: Set<string>;
  take(...happenings: Happening[]): Taken;
  /** The snapshot as it would be stored. */
  stored(): string;
}

export const minutes = (n: number): number => n * 60_000;
export const seconds = (n: number): number => n * 1_000;

export const done = (child: string, output: unknown): Happening => ({ done: child, output });
export const broke = (child: string): Happening => ({ broke: child });
/** What is stored is no longer what the actor left there, as after a fault. */
export const amended = (by: (stored: PersistedSnapshot) => PersistedSnapshot): Happening => ({ amended: by });
export const wait = (ms: number): Happening => ({ wait: ms });

/** One actor on a stage of its own. */
export const play = <Context>(machine: AnyStateMachine, id: string): Actor<Context> =>
  createStage().actor<Context>(machine, id);

export function createStage(): Stage {
  let now = Date.parse('2026-05-05T14:00:00.000Z');
  const all: { id: string; timers: Actor<unknown>['timers']; deliver(event: EventObject): Taken }[] = [];

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
    const entry: MachineEntry = { kind: id, machine, version: 1, migrations: {}, urgent: false };
    const running: Actor<Context>['running'] = new Map();
    const timers: Actor<Context>['timers'] = new Map();
    const rested = new Set<string>();
    let stored: PersistedSnapshot;
    let snapshot = initial(entry, id);
    stored = persist(entry, snapshot);

    function settle(next: AnyMachineSnapshot): void {
      stored = persist(entry, next);
      snapshot = hydrate(entry, stored, 1);
      for (const path of pathsOf(snapshot.value)) rested.add(path);
    }

    function deliver(event: EventObject): Taken {
      const result = step(entry, snapshot, { ...event, at: new Date(now).toISOString() } as EventObject);
      for (const child of result.stopped) running.delete(child);
      for (const timer of result.cancelled) timers.delete(timer);
      for (const { childId, src, input } of result.effects) {
        running.set(childId, { src, input: JSON.parse(JSON.stringify(input)) as Record<string, unknown> });
      }
      for (const { timerId, delayMs, event: later } of result.armed)
        timers.set(timerId, { due: now + delayMs, event: later });
      settle(result.snapshot);
      return { says: result.actions, moved: result.moved, asks: asksOf(result) };
    }

    function inputOf(child: string): unknown {
      const effect = running.get(child);
      if (!effect) throw new Error(`nothing runs as "${child}" in ${id}`);
      return effect.input;
    }

    function take(happening: Happening): Taken[] {
      if ('wait' in happening) return wait(happening.wait as number);
      if ('amended' in happening) {
        const amend = happening.amended as (stored: PersistedSnapshot) => PersistedSnapshot;
        settle(hydrate(entry, amend(stored), 1));
        return [];
      }
      if (!('done' in happening) && !('broke' in happening)) return [deliver(happening)];
      const child = String('done' in happening ? happening.done : happening.broke);
      inputOf(child);
      running.delete(child);
      const outcome = 'done' in happening ? { output: happening.output } : { error: { message: 'given up' } };
      const event = { type: `xstate.${'done' in happening ? 'done' : 'error'}.actor.${child}`, actorId: child };
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
      rested,
      take(...happenings) {
        const taken = happenings.flatMap(take);
        return {
          says: taken.flatMap(({ says }) => says),
          moved: taken.some(({ moved }) => moved),
          asks: taken.flatMap(({ asks }) => asks),
        };
      },
      stored: () => JSON.stringify(stored),
    };
  }

  return { actor, wait, now: () => new Date(now).toISOString() };
}

/** Everything said under one name, as the host's writers get it. */
export const paramsOf = <T>(says: MachineAction[], name: string): T[] =>
  says.filter((action) => action.name === name).flatMap(({ params }) => params as T[]);

/**
 * What a step asks for, in order of saying, then its effects: `audit filed P1`, `tell helpdesk LEFT`,
 * `run fileTicket 1`, where 1 counts the actor's filings. Timers are left out: they are tested by letting time pass.
 * So is who is on an umbrella, which is tested of its own.
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
      return words(
        String(each.action).split('.').pop()?.replace('ticket_', ''),
        inner('payload').severity,
        inner('payload').reason,
      );
    case 'intend':
    case 'adopt':
      return nth(each.filingId);
    case 'tell':
      return words(each.to, inner('event').type, inner('event').problem, inner('event').probe && 'probe');
    case 'answer':
      return words(each.clickId, answerOf(inner('body')));
    case 'hold':
      return words(each.over ?? each.reason, each.severity);
    case 'emitAlert':
      return words(each.status, each.severity, each.reason);
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

function briefInput({ kind, filingId, probe, about }: Record<string, unknown>): string {
  const what = (about as { what?: string } | undefined)?.what;
  return words(kind, filingId && nth(filingId), probe && 'probe', what);
}

const words = (...parts: unknown[]): string =>
  parts.filter((part) => part !== undefined && part !== false && part !== null).join(' ');

export function pathsOf(value: AnyMachineSnapshot['value']): string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = inner === undefined ? [] : pathsOf(inner);
    return below.length === 0 ? [key] : below.map((path) => `${key}.${path}`);
  });
}

/** Every state of a machine in which an actor can rest, but for the named ones, which it only passes. */
export function restingStates(machine: AnyStateMachine, passing: string[] = []): string[] {
  const leaves = (node: AnyStateNode): AnyStateNode[] => {
    const children = Object.values(node.states);
    return children.length === 0 ? [node] : children.flatMap(leaves);
  };
  return leaves(machine.root)
    .map((node) => node.path.join('.'))
    .filter((path) => !passing.includes(path))
    .sort();
}
