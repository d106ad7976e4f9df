import { expect, it } from 'vitest';
import { BREAKS, breakNames } from './breaks.ts';
import { INVARIANTS } from './check.ts';
import { simulate } from './run.ts';

it.each(breakNames.map((name) => ({ name, ...BREAKS[name] })))(
  'is seen where $what',
  async ({ name, violates }) => {
    const { failure } = await simulate({ seed: 1, schedules: 1_500, length: 40, broken: name, path: null });
    expect(failure?.invariant).toBe(violates);
  },
  300_000,
);

it('every invariant has a part that can be broken', () => {
  const violated = new Set<string>(breakNames.map((name) => BREAKS[name].violates));
  expect(Object.keys(INVARIANTS).filter((name) => !violated.has(name))).toEqual([]);
});
