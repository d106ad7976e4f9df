import { beforeAll, expect, it } from 'vitest';
import { type Bounds, explore, pathTo, type Situation } from './explore.ts';

/** What is still pending: running effects, armed timers and an open filing. */
const pending = <Context>({ running, timers, filings }: Situation<Context>): string[] => [
  ...Object.keys(running),
  ...Object.keys(timers),
  ...(filings.open ? [filings.open.intent.filingId] : []),
];

/** Ticket updates that end at once do not give way to each other; the tables of the machines test that (`turnRows.ts`). */
const TURNS = /^upkeep\.working(\.\w+( xstate\.after\..*)?)?$/;

/**
 * Tests a machine on every path within its bounds; random walks only sample paths. `rest`: the states in which it may
 * stay. `never`: the transitions that no path within the bounds takes, each with the reason. `also`: further bounds, for
 * events whose combinations with the others would be too many.
 */
export function testExploration<Context>(
  bounds: Bounds<Context>,
  { rest, never = {}, also = [] }: { rest: string[]; never?: Record<string, string>; also?: Bounds<Context>[] },
): void {
  type Explored = ReturnType<typeof explore<Context>>;
  const endsAtOnce = bounds.immediate?.includes('chore') ?? false;
  let explored: Explored[];
  beforeAll(() => {
    explored = [bounds, ...also].map((each) => explore(each));
  }, 300_000);
  const missed = (what: keyof Explored['missed']): string[] =>
    explored
      .map((each) => each.missed[what])
      .reduce((left, right) => left.filter((each) => right.includes(each)))
      .filter((name) => !(endsAtOnce && TURNS.test(name)));
  const trapped = (...args: Parameters<Explored['trapped']>) => explored.flatMap((each) => each.trapped(...args));

  /** The first of them, with the events that lead there. */
  const shown = (situations: Situation<Context>[]): string[] =>
    situations
      .slice(0, 3)
      .map((each) => [...pathTo(each), `now in ${each.states.join(' ')}`, ...each.violations].join(', '));

  it(`every state of ${bounds.id} is reached, and every transition is taken`, () => {
    expect({ states: missed('states'), transitions: missed('transitions') }).toEqual({
      states: [],
      transitions: Object.keys(never),
    });
  });

  it(`no state of ${bounds.id} is a trap: a path without a failed effect leads to rest with nothing pending`, () => {
    const isAtRest = (situation: Situation<Context>): boolean =>
      rest.every((state) => situation.states.includes(state)) && pending(situation).length === 0;
    expect(shown(trapped(isAtRest, ({ type }) => !type.startsWith('xstate.error.')))).toEqual([]);
  });

  it(`without further events every effect of ${bounds.id} ends`, () => {
    const isIdle = ({ running }: Situation<Context>): boolean => Object.keys(running).length === 0;
    expect(shown(trapped(isIdle, ({ type }) => type.startsWith('xstate.done.actor.')))).toEqual([]);
  });

  it(`no order of events violates a rule of ${bounds.id}`, () => {
    const situations = explored.flatMap((each) => each.situations);
    expect(shown(situations.filter(({ violations }) => violations.length > 0))).toEqual([]);
  });
}
