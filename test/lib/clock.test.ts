import { expect, test } from 'vitest';
import { stopwatch } from '../../src/lib/clock.ts';

const clockOf = (steady: () => number, wall: () => number) => ({ now: steady, wall, sleep: async () => undefined });

test('a stopwatch counts the time for which the computer was suspended', () => {
  let wall = 1_000;
  const elapsed = stopwatch(
    clockOf(
      () => 5,
      () => wall,
    ),
  );
  wall += 60_000;
  expect(elapsed()).toBe(60_000);
});

test('a stopwatch counts the time that passes while the wall clock is set back', () => {
  let steady = 0;
  const elapsed = stopwatch(
    clockOf(
      () => steady,
      () => 100_000 - steady,
    ),
  );
  steady += 3_000;
  expect(elapsed()).toBe(3_000);
});
