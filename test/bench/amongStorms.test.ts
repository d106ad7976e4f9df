import { expect, test } from 'vitest';
import { callsAmongStorms } from './amongStorms.ts';

/** The storms that last at each look, one after the other; those of the last one for ever. */
function looks(...each: string[][]) {
  let next = 0;
  return { underWay: async () => new Set(each[Math.min(next++, each.length - 1)]) };
}

test('a call counts if the same storm lasted before and after it, and none begins between storms', async () => {
  const first = [['a'], ['a']];
  const followedByAnother = [['a'], ['b']];
  const lastsLonger = [
    ['b', 'c'],
    ['c', 'd'],
  ];
  const outlastsItsStorm = [['d'], []];
  const storms = looks(...first, ...followedByAnother, ...lastsLonger, ...outlastsItsStorm, [], [], ['e']);
  let calls = 0;
  const { ms, others } = await callsAmongStorms(storms, { wanted: 3, most: 5 }, async () => {
    calls += 1;
  });
  expect([ms.length, others, calls]).toEqual([3, 2, 5]);
});

test('too few calls during storms are an error that says how many there were', async () => {
  const storms = looks(['a'], ['a'], ['a'], ['b'], ['b'], ['c'], ['c'], ['d']);
  await expect(callsAmongStorms(storms, { wanted: 2, most: 3 }, async () => undefined)).rejects.toThrow(
    'Only 1 of 3 calls were made while a storm lasted, and 2 are needed',
  );
});
