import { beforeAll, expect, it } from 'vitest';
import { type Bounds, explore, type Situation, wayTo } from './explore.ts';

/** What a situation still owes somebody: effects that go on, timers that will fire, a filing that is open. */
const owed = <Context>({ running, timers, filings }: Situation<Context>): string[] => [
  ...Object.keys(running),
  ...Object.keys(timers),
  ...(filings.open ? [filings.open.intent.filingId] : []),
];

/**
 * Tests a machine on every way that it can go within its bounds, where walks sample some. `rest` are the states in which
 * it may stay for good; `never` the transitions that no way within the bounds takes, each with the reason.
 */
export function testExploration<Context>(
  bounds: Bounds<Context>,
  { rest, never = {} }: { rest: string[]; never?: Record<string, string> },
): void {
  let all: ReturnType<typeof explore<Context>>;
  beforeAll(() => {
    all = explore(bounds);
  }, 300_000);

  /** A few of them, with the way that leads there. */
  const shown = (situations: Situation<Context>[]): string[] =>
    situations.slice(0, 3).map((each) => [...wayTo(each), `now in ${each.states.join(' ')}`, ...each.wrong].join(', '));

  it('every state is reached, and every transition is taken', () => {
    expect(all.missed).toEqual({ states: [], transitions: Object.keys(never) });
  });

  it('no state is a trap: from wherever it is, it can come to a rest in which nothing is owed, and nothing has to break', () => {
    const rests = (situation: Situation<Context>): boolean =>
      rest.every((state) => situation.states.includes(state)) && owed(situation).length === 0;
    expect(shown(all.trapped(rests, ({ type }) => !type.startsWith('xstate.error.')))).toEqual([]);
  });

  it('left alone it comes to an end of what it asks of the world', () => {
    const asksNothing = ({ running }: Situation<Context>): boolean => Object.keys(running).length === 0;
    expect(shown(all.trapped(asksNothing, ({ type }) => type.startsWith('xstate.done.actor.')))).toEqual([]);
  });

  it('whatever happens in whatever order, nothing happens that must not', () => {
    expect(shown(all.situations.filter(({ wrong }) => wrong.length > 0))).toEqual([]);
  });
}
