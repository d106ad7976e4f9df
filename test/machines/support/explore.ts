import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, fromTransition } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import { initial, type MachineAction, type Step, step } from '../../../src/actors/step.ts';
import { pathsOf } from './driver.ts';
import { type Filings, filingsAfter, noFilings } from './exploreFilings.ts';
import { marked } from './markedMachine.ts';

/** One actor at one moment, with its running effects, armed timers and filings. */
export interface Situation<Context = unknown> {
  context: Context;
  /** Its states, as dotted paths. */
  states: string[];
  snapshot: AnyMachineSnapshot;
  /** Milliseconds since 1970. */
  now: number;
  /** Running effects, by child id. */
  running: Record<string, { src: string; input: unknown }>;
  timers: Record<string, { event: EventObject; delayMs: number }>;
  filings: Filings;
  /** Violated rules. */
  violations: string[];
  /** The number of steps so far, and a label of the last one. */
  steps: number;
  by: string;
  before: Situation<Context> | null;
  /** Situations with the same key count as one. */
  key: string;
}

/** One step between two situations, for the rule to check. */
export interface ObservedStep<Context> {
  event: EventObject & Record<string, unknown>;
  before: Situation<Context>;
  after: Situation<Context>;
  actions: MachineAction[];
  effects: Step['effects'];
}

/**
 * The possible inputs of an actor, and the rule that must hold. An exploration ends because it is bounded by the
 * possible events and by the relevant part of the context. That part excludes instants, ids and counters: situations
 * that differ only in those count as equal, and only the first of them is explored further.
 */
export interface Bounds<Context> {
  machine: AnyStateMachine;
  id: string;
  /** Events from outside that are possible in this situation. */
  events(situation: Situation<Context>): object[];
  /** The possible results of each effect, by child id. Every effect may also fail. */
  answers: Record<string, (situation: Situation<Context>) => unknown[]>;
  /** Effects that end before any other event. No other region waits for them, so their order is irrelevant. */
  immediate?: string[];
  /** What equal situations have in common besides their states, effects, timers and filings. */
  key(context: Context, situation: Situation<Context>): unknown;
  /** Checks every step. A path ends at its first violation. */
  rule(observed: ObservedStep<Context>, report: (violation: string) => void): void;
}

const FROM = Date.parse('2026-05-05T14:00:00.000Z');
/** An exploration with more steps is not bounded tightly enough, and fails. */
const MAX_STEPS = 40_000;

/** Finds every situation that an actor can reach within the bounds, each by a shortest path. */
export function explore<Context>(bounds: Bounds<Context>) {
  const copy = marked(bounds.machine);
  const entry = { kind: bounds.id, machine: copy.machine, version: 1, migrations: {}, urgent: [] };
  /** The first of all equal situations. */
  const found = new Map<string, Situation<Context>>();
  const taken = new Set<string>();

  function visit(
    given: Omit<Situation<Context>, 'key' | 'context' | 'states'>,
    check?: (visited: Situation<Context>) => void,
  ) {
    const { value, context } = given.snapshot;
    const situation: Situation<Context> = { ...given, context: context as Context, states: pathsOf(value), key: '' };
    check?.(situation);
    situation.key = keyOf(bounds, situation);
    const first = found.get(situation.key) ?? situation;
    found.set(situation.key, first);
    return first;
  }

  function advance(before: Situation<Context>, event: EventObject & { actorId?: string }): Situation<Context> {
    const [running, timers] = [{ ...before.running }, { ...before.timers }];
    const now = before.now + (timers[event.type]?.delayMs ?? 1_000);
    if (event.actorId) delete running[event.actorId];
    delete timers[event.type];
    const result = step(entry, before.snapshot, { ...event, at: new Date(now).toISOString() } as EventObject);
    const { actions, effects, snapshot } = result;
    const transitions = copy.taken(actions);
    for (const transition of transitions) taken.add(transition);
    for (const each of result.stopped) delete running[each];
    for (const each of result.cancelled) delete timers[each];
    // A ticket that is looked up now may have been posted, so its effect counts as running.
    const isLookedUp = effects.some(({ childId }) => childId === 'settle');
    const runs = 'file' in running || 'settle' in running || isLookedUp;
    for (const { childId, src, input } of effects) running[childId] = { src, input };
    for (const { timerId, event: later, delayMs } of result.armed) timers[timerId] = { event: later, delayMs };

    const violations: string[] = [];
    const report = (violation: string): void => void violations.push(violation);
    if (event.actorId && transitions.length === 0) report(`no transition takes ${event.type}`);
    const filings = filingsAfter(before.filings, { event, actions, runs }, report);
    const [steps, by] = [before.steps + 1, labelOf(event)];
    return visit({ snapshot, now, running, timers, filings, violations, steps, by, before }, (after) =>
      bounds.rule({ event, before, after, actions, effects }, report),
    );
  }

  const nothing = { running: {}, timers: {}, filings: noFilings, violations: [], steps: 0, by: '', before: null };
  const start = visit({ snapshot: initial(entry, bounds.id), now: FROM, ...nothing });
  const logic = fromTransition((situation: Situation<Context>, event: EventObject) => advance(situation, event), start);
  const map = getAdjacencyMap(logic, {
    events: ({ context }) => nextEvents(bounds, context),
    serializeState: ({ context }) => context.key as never,
    stopWhen: ({ context }) => context.violations.length > 0,
    limit: MAX_STEPS,
  });
  const situations = [...found.values()];
  const steps = adjacencyMapToArray(map);
  const targets = [...taken].flatMap(copy.targets);
  const entered = [...targets, ...situations.flatMap(({ states }) => states)].map((path) => `${path}.`);

  return {
    situations,
    /** States and transitions of the chart that no path reaches. */
    missed: {
      states: copy.states.filter((state) => !entered.some((path) => path.startsWith(`${state}.`))),
      transitions: copy.names.filter((name) => !taken.has(name)),
    },
    /** Situations from which no path of these events leads to an end. */
    trapped(isEnd: (situation: Situation<Context>) => boolean, isAllowed: (event: EventObject) => boolean) {
      const ends = situations.filter((situation) => isEnd(situation) || situation.violations.length > 0);
      const free = new Set(ends.map(({ key }) => key));
      const before = new Map<string, string[]>(situations.map(({ key }) => [key, []]));
      for (const { state, event, nextState } of steps) {
        if (isAllowed(event)) before.get(nextState.context.key)?.push(state.context.key);
      }
      for (const key of free) for (const from of before.get(key) ?? []) free.add(from);
      return situations.filter(({ key }) => !free.has(key));
    },
  };
}

function keyOf<Context>(bounds: Bounds<Context>, situation: Situation<Context>): string {
  const { states, running, timers, filings, violations, context } = situation;
  const { open, closed } = filings;
  const pending = [Object.keys(running), Object.keys(timers), open && { withdrawn: open.withdrawn }, closed !== null];
  return JSON.stringify([states, pending, violations, bounds.key(context, situation)]);
}

/** The possible next events: the end of an effect, a timer, or an event from outside. */
function nextEvents<Context>(bounds: Bounds<Context>, situation: Situation<Context>): EventObject[] {
  const children = Object.keys(situation.running);
  const first = children.find((child) => bounds.immediate?.includes(child));
  const ends = (first ? [first] : children).flatMap((child) => [
    ...(bounds.answers[child]?.(situation) ?? []).map((output) => ({
      type: `xstate.done.actor.${child}`,
      actorId: child,
      output,
    })),
    { type: `xstate.error.actor.${child}`, actorId: child, error: { message: 'gave up' } },
  ]);
  if (first) return ends;
  const due = Object.values(situation.timers).map(({ event }) => event);
  return [...ends, ...due, ...(bounds.events(situation) as EventObject[])];
}

/** The events that lead to a situation, in order. */
export function pathTo<Context>({ by, before }: Situation<Context>): string[] {
  return before === null ? [] : [...pathTo(before), by];
}

/** A short label of an event: its type and its first facts. */
function labelOf({ type, output, actorId: _, ...event }: EventObject & { output?: unknown; actorId?: string }): string {
  const facts = Object.values((output ?? event) as object).filter(
    (value) => typeof value === 'string' || value === true,
  );
  return [type.replace('xstate.', ''), ...facts.slice(0, 3).map((fact) => String(fact).slice(0, 20))].join(' ');
}
