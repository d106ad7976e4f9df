import { expect, it } from 'vitest';
import { BREAKS, breakNames, seedOf } from './breaks.ts';
import { INVARIANTS } from './invariantNames.ts';
import { simulate } from './run.ts';

it.each(breakNames.map((name) => ({ name, ...BREAKS[name] })))(
  'an invariant is violated when $what',
  async ({ name, violates }) => {
    const options = { schedules: 1_500, length: 40, broken: name, path: null, shrink: false };
    const { failure } = await simulate({ ...options, seed: seedOf(name) });
    expect(failure?.invariant).toBe(violates);
  },
  300_000,
);

it('every invariant is violated by at least one break', () => {
  const violated = new Set<string>(breakNames.map((name) => BREAKS[name].violates));
  expect(Object.keys(INVARIANTS).filter((name) => !violated.has(name))).toEqual([]);
});
