import { expect, test } from 'vitest';
import { createProgressWatch } from './progressWatch.ts';

/** After which of these amounts of work the work counts as stuck, with at most three checks without progress. */
function stuckAfter(...left: number[]): number {
  const watch = createProgressWatch(3);
  return left.findIndex((each) => watch.isStuck(each)) + 1;
}

test('work that gets less, however slowly, is not stuck', () => {
  expect(stuckAfter(5, 5, 5, 4, 4, 4, 3, 9, 9, 2, 2, 2, 1)).toBe(0);
});

test('work that never gets less than it was is stuck, also if its amount changes', () => {
  expect(stuckAfter(5, 4, 4, 4, 4, 3)).toBe(5);
  expect(stuckAfter(2, 3, 2, 4)).toBe(4);
});
