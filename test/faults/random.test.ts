import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

const drawn = (seed: string) => {
  const random = createRandom(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

test('the same seed gives the same numbers, and another one gives others', () => {
  expect(drawn('7 strikes')).toEqual(drawn('7 strikes'));
  expect(drawn('7 strikes')).not.toEqual(drawn('8 strikes'));
  expect(drawn('7 strikes')).not.toEqual(drawn('7 clicks'));
});

test('numbers spread evenly from 0 to 1', () => {
  const numbers = drawn('even');
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const within = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(within).toBeGreaterThan(60);
    expect(within).toBeLessThan(140);
  }
});

test('names come as often as they weigh, and one that weighs nothing never comes', () => {
  const random = createRandom('weights');
  const names = Array.from({ length: 2_000 }, () => random.weighted({ often: 3, seldom: 1, never: 0 }));
  const often = names.filter((name) => name === 'often').length;
  expect(often).toBeGreaterThan(1_350);
  expect(often).toBeLessThan(1_650);
  expect(names).not.toContain('never');
  expect(() => random.weighted({})).toThrow('nothing has any weight');
});

test('whole numbers include both ends', () => {
  const random = createRandom('ends');
  const seen = new Set(Array.from({ length: 200 }, () => random.whole(2, 4)));
  expect([...seen].sort()).toEqual([2, 3, 4]);
});
