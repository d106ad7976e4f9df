import { expect, it } from 'vitest';
import { BREAKS, breakNames } from './breaks.ts';
import { INVARIANTS } from './invariantNames.ts';
import { simulate } from './run.ts';

it.each(breakNames.map((name) => ({ name, ...BREAKS[name] })))(
  'an invariant is violated when $what',
  async ({ name, violates }) => {
    const { failure } = await simulate({ seed: 1, schedules: 1_500, length: 40, broken: name, path: null });
    expect(failure?.invariant).toBe(violates);
  },
  300_000,
);

it('every invariant is violated by at least one break', () => {
  const violated = new Set<string>(breakNames.map((name) => BREAKS[name].violates));
  expect(Object.keys(INVARIANTS).filter((name) => !violated.has(name))).toEqual([]);
});
