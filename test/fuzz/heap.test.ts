import { expect, test } from 'vitest';
import { heapGrowth, isWarm } from './heap.ts';

const samples = (...mib: number[]) => mib.map((each, n) => ({ inputs: n * 1_000, mib: each }));

test('the growth of the heap is that of the line through all samples, so one peak counts little', () => {
  expect(heapGrowth(samples(50, 60, 70, 80, 90))).toBe(40);
  expect(heapGrowth(samples(50, 50, 50, 50, 50))).toBe(0);
  expect(heapGrowth(samples(50, 50, 90, 50, 50))).toBe(0);
  expect(heapGrowth(samples(50, 90))).toBe(0);
});

test('samples count after the first tenth or so of the inputs', () => {
  expect([isWarm(140, 1_000), isWarm(150, 1_000), isWarm(9_999, 200_000), isWarm(10_000, 200_000)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
