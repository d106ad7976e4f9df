import { beforeAll, expect, it } from 'vitest';
import { type Bounds, explore, pathTo, type Situation } from './explore.ts';

/** What is still pending: running effects, armed timers and an open filing. */
const pending = <Context>({ running, timers, filings }: Situation<Context>): string[] => [
  ...Object.keys(running),
  ...Object.keys(timers),
  ...(filings.open ? [filings.open.intent.filingId] : []),
];

/**
 * Tests a machine on every path within its bounds; random walks only sample paths. `rest`: the states in which it may
 * stay. `never`: the transitions that no path within the bounds takes, each with the reason.
 */
export function testExploration<Context>(
  bounds: Bounds<Context>,
  { rest, never = {} }: { rest: string[]; never?: Record<string, string> },
): void {
  let all: ReturnType<typeof explore<Context>>;
  beforeAll(() => {
    all = explore(bounds);
  }, 300_000);

  /** The first of them, with the events that lead there. */
  const shown = (situations: Situation<Context>[]): string[] =>
    situations
      .slice(0, 3)
      .map((each) => [...pathTo(each), `now in ${each.states.join(' ')}`, ...each.violations].join(', '));

  it(`every state of ${bounds.id} is reached, and every transition is taken`, () => {
    expect(all.missed).toEqual({ states: [], transitions: Object.keys(never) });
  });

  it(`no state of ${bounds.id} is a trap: a path without a failed effect leads to rest with nothing pending`, () => {
    const isAtRest = (situation: Situation<Context>): boolean =>
      rest.every((state) => situation.states.includes(state)) && pending(situation).length === 0;
    expect(shown(all.trapped(isAtRest, ({ type }) => !type.startsWith('xstate.error.')))).toEqual([]);
  });

  it(`without further events every effect of ${bounds.id} ends`, () => {
    const isIdle = ({ running }: Situation<Context>): boolean => Object.keys(running).length === 0;
    expect(shown(all.trapped(isIdle, ({ type }) => type.startsWith('xstate.done.actor.')))).toEqual([]);
  });

  it(`no order of events violates a rule of ${bounds.id}`, () => {
    expect(shown(all.situations.filter(({ violations }) => violations.length > 0))).toEqual([]);
  });
}
