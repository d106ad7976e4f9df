import { expect, it } from 'vitest';
import { createBudget } from '../../src/lib/budget.ts';

it('a key gets its places once per window, and then reads how many calls got none', () => {
  let time = 0;
  const budget = createBudget({ allowed: 2, windowMs: 1_000, now: () => time });
  const passes = [1, 2, 3, 4].map(() => budget.take('a').passes);
  expect(passes).toEqual([true, true, false, false]);
  expect(budget.take('b').passes).toBe(true);
  time = 1_000;
  expect(budget.take('a')).toEqual({ passes: true, dropped: 2 });
  expect(budget.take('a')).toEqual({ passes: true, dropped: 0 });
});

it('beyond its number of keys the oldest one is forgotten', () => {
  const budget = createBudget({ allowed: 1, windowMs: 1_000, maxKeys: 2, now: () => 0 });
  for (const key of ['a', 'b', 'c']) budget.take(key);
  expect([budget.take('c').passes, budget.take('a').passes]).toEqual([false, true]);
});
