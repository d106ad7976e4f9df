import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

const drawn = (seed: string) => {
  const random = createRandom(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

test('the same seed gives the same numbers, and another seed other numbers', () => {
  expect(drawn('7 processes')).toEqual(drawn('7 processes'));
  expect(drawn('7 processes')).not.toEqual(drawn('8 processes'));
  expect(drawn('7 processes')).not.toEqual(drawn('7 clicks'));
});

test('numbers are spread evenly from 0 to 1', () => {
  const numbers = drawn('even');
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const within = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(within).toBeGreaterThan(60);
    expect(within).toBeLessThan(140);
  }
});

test('names are drawn in proportion to their weights, and never with weight 0', () => {
  const random = createRandom('weights');
  const names = Array.from({ length: 2_000 }, () => random.weighted({ often: 3, seldom: 1, never: 0 }));
  const often = names.filter((name) => name === 'often').length;
  expect(often).toBeGreaterThan(1_350);
  expect(often).toBeLessThan(1_650);
  expect(names).not.toContain('never');
  expect(() => random.weighted({})).toThrow('the weights are all 0');
});

test('integers include both ends of their range', () => {
  const random = createRandom('ends');
  const seen = new Set(Array.from({ length: 200 }, () => random.whole(2, 4)));
  expect([...seen].sort()).toEqual([2, 3, 4]);
});
