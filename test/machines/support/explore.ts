import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, fromTransition } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import { initial, type MachineAction, type Step, step } from '../../../src/actors/step.ts';
import { pathsOf } from './driver.ts';
import { type Filings, filingsAfter, noFilings } from './exploreFilings.ts';
import { marked } from './markedMachine.ts';

/** One actor in the middle of its life, with what the world owes it. */
export interface Situation<Context = unknown> {
  context: Context;
  /** Where it rests, as dotted paths. */
  states: string[];
  snapshot: AnyMachineSnapshot;
  /** Milliseconds since 1970. */
  now: number;
  /** Effects under way, by child id. */
  running: Record<string, { src: string; input: unknown }>;
  timers: Record<string, { event: EventObject; delayMs: number }>;
  filings: Filings;
  /** What must never happen, and did. */
  wrong: string[];
  /** How many things have happened, and what was the last of them. */
  steps: number;
  by: string;
  before: Situation<Context> | null;
  /** Situations with the same key count as one. */
  key: string;
}

/** One step from one situation to the next, for a rule to judge. */
export interface Seen<Context> {
  event: EventObject & Record<string, unknown>;
  before: Situation<Context>;
  after: Situation<Context>;
  says: MachineAction[];
  effects: Step['effects'];
}

/**
 * What may happen to an actor, and what must hold. Explorations end because they are bounded: by the events that may
 * come, and by what of a context makes a difference. Instants, ids and counters are left out of that, so two situations
 * that differ in nothing else are one, and only the first of them that is met is gone on from.
 */
export interface Bounds<Context> {
  machine: AnyStateMachine;
  id: string;
  /** Events from outside that may come in this situation. */
  events(situation: Situation<Context>): object[];
  /** How each effect may end, by child id. All of them may break as well. */
  answers: Record<string, (situation: Situation<Context>) => unknown[]>;
  /** Effects that end before anything else happens: no other region waits for them, so their order makes no difference. */
  atOnce?: string[];
  /** What two situations must share to count as one, besides their states, effects, timers and filings. */
  key(context: Context, situation: Situation<Context>): unknown;
  /** What must hold in every step, and so in every situation. A way on which something is wrong ends there. */
  rule(seen: Seen<Context>, wrong: (what: string) => void): void;
}

const FROM = Date.parse('2026-05-05T14:00:00.000Z');
/** An exploration that takes more steps is badly bounded, and fails. */
const MOST_STEPS = 40_000;

/** Every situation that an actor can get into within the bounds, each by one of the shortest ways. */
export function explore<Context>(bounds: Bounds<Context>) {
  const copy = marked(bounds.machine);
  const entry = { kind: bounds.id, machine: copy.machine, version: 1, migrations: {}, urgent: false };
  /** Of situations that count as one the first is kept. */
  const met = new Map<string, Situation<Context>>();
  const taken = new Set<string>();

  function meet(
    given: Omit<Situation<Context>, 'key' | 'context' | 'states'>,
    see?: (now: Situation<Context>) => void,
  ) {
    const { value, context } = given.snapshot;
    const situation: Situation<Context> = { ...given, context: context as Context, states: pathsOf(value), key: '' };
    see?.(situation);
    situation.key = keyOf(bounds, situation);
    const first = met.get(situation.key) ?? situation;
    met.set(situation.key, first);
    return first;
  }

  function follow(before: Situation<Context>, event: EventObject & { actorId?: string }): Situation<Context> {
    const [running, timers] = [{ ...before.running }, { ...before.timers }];
    const now = before.now + (timers[event.type]?.delayMs ?? 1_000);
    if (event.actorId) delete running[event.actorId];
    delete timers[event.type];
    const result = step(entry, before.snapshot, { ...event, at: new Date(now).toISOString() } as EventObject);
    const { actions: says, effects, snapshot } = result;
    const ways = copy.taken(says);
    for (const way of ways) taken.add(way);
    for (const each of result.stopped) delete running[each];
    for (const each of result.cancelled) delete timers[each];
    // One that is now looked for may have been posted, and is waited for as well.
    const isSought = effects.some(({ childId }) => childId === 'settle');
    const runs = 'file' in running || 'settle' in running || isSought;
    for (const { childId, src, input } of effects) running[childId] = { src, input };
    for (const { timerId, event: later, delayMs } of result.armed) timers[timerId] = { event: later, delayMs };

    const wrong: string[] = [];
    const tell = (what: string): void => void wrong.push(what);
    if (event.actorId && ways.length === 0) tell(`nobody takes ${event.type}`);
    const filings = filingsAfter(before.filings, { event, says, runs }, tell);
    const [steps, by] = [before.steps + 1, briefly(event)];
    return meet({ snapshot, now, running, timers, filings, wrong, steps, by, before }, (after) =>
      bounds.rule({ event, before, after, says, effects }, tell),
    );
  }

  const nothing = { running: {}, timers: {}, filings: noFilings, wrong: [], steps: 0, by: '', before: null };
  const start = meet({ snapshot: initial(entry, bounds.id), now: FROM, ...nothing });
  const logic = fromTransition((situation: Situation<Context>, event: EventObject) => follow(situation, event), start);
  const map = getAdjacencyMap(logic, {
    events: ({ context }) => mayCome(bounds, context),
    serializeState: ({ context }) => context.key as never,
    stopWhen: ({ context }) => context.wrong.length > 0,
    limit: MOST_STEPS,
  });
  const situations = [...met.values()];
  const steps = adjacencyMapToArray(map);
  const passed = [...taken].flatMap(copy.targets);
  const entered = [...passed, ...situations.flatMap(({ states }) => states)].map((path) => `${path}.`);

  return {
    situations,
    /** States and transitions of the chart that no way leads through. */
    missed: {
      states: copy.states.filter((state) => !entered.some((path) => path.startsWith(`${state}.`))),
      transitions: copy.names.filter((name) => !taken.has(name)),
    },
    /** Situations from which no way of these events leads to an end. */
    trapped(isEnd: (situation: Situation<Context>) => boolean, isWay: (event: EventObject) => boolean) {
      const ends = situations.filter((situation) => isEnd(situation) || situation.wrong.length > 0);
      const free = new Set(ends.map(({ key }) => key));
      const before = new Map<string, string[]>(situations.map(({ key }) => [key, []]));
      for (const { state, event, nextState } of steps) {
        if (isWay(event)) before.get(nextState.context.key)?.push(state.context.key);
      }
      for (const key of free) for (const from of before.get(key) ?? []) free.add(from);
      return situations.filter(({ key }) => !free.has(key));
    },
  };
}

function keyOf<Context>(bounds: Bounds<Context>, situation: Situation<Context>): string {
  const { states, running, timers, filings, wrong, context } = situation;
  const { open, closed } = filings;
  const owed = [Object.keys(running), Object.keys(timers), open && { withdrawn: open.withdrawn }, closed !== null];
  return JSON.stringify([states, owed, wrong, bounds.key(context, situation)]);
}

/** What may happen next: an effect ends, a timer fires, or an event comes from outside. */
function mayCome<Context>(bounds: Bounds<Context>, situation: Situation<Context>): EventObject[] {
  const children = Object.keys(situation.running);
  const first = children.find((child) => bounds.atOnce?.includes(child));
  const ends = (first ? [first] : children).flatMap((child) => [
    ...(bounds.answers[child]?.(situation) ?? []).map((output) => ({
      type: `xstate.done.actor.${child}`,
      actorId: child,
      output,
    })),
    { type: `xstate.error.actor.${child}`, actorId: child, error: { message: 'given up' } },
  ]);
  if (first) return ends;
  const due = Object.values(situation.timers).map(({ event }) => event);
  return [...ends, ...due, ...(bounds.events(situation) as EventObject[])];
}

/** How one gets into a situation: what happened on the way, in order. */
export function wayTo<Context>({ by, before }: Situation<Context>): string[] {
  return before === null ? [] : [...wayTo(before), by];
}

/** An event in a few words: its type, and what tells it from others of its type. */
function briefly({ type, output, actorId: _, ...event }: EventObject & { output?: unknown; actorId?: string }): string {
  const facts = Object.values((output ?? event) as object).filter(
    (value) => typeof value === 'string' || value === true,
  );
  return [type.replace('xstate.', ''), ...facts.slice(0, 3).map((fact) => String(fact).slice(0, 20))].join(' ');
}
