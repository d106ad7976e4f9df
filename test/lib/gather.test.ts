import { expect, it } from 'vitest';
import { gather } from '../../src/lib/gather.ts';

/** Work whose runs end when the test says so. */
function slowWork() {
  const groups: number[][] = [];
  const ends: (() => void)[] = [];
  const work = (items: readonly number[]) =>
    new Promise<void>((resolve) => {
      groups.push([...items]);
      ends.push(resolve);
    });
  return { groups, work, end: () => ends.shift()?.() };
}

it('an item starts at once while there is a free run, and what arrives meanwhile goes together', async () => {
  const { groups, work, end } = slowWork();
  const add = gather({ flights: 1, most: 3 }, work);
  const added = [1, 2, 3, 4, 5].map(add);
  expect(groups).toEqual([[1]]);
  end();
  await added[0];
  await expect.poll(() => groups).toEqual([[1], [2, 3, 4]]);
  end();
  await Promise.all(added.slice(1, 4));
  await expect.poll(() => groups).toEqual([[1], [2, 3, 4], [5]]);
  end();
  await added[4];
});

it('a run that does not end leaves another run to the rest', async () => {
  const done: number[] = [];
  const add = gather({ flights: 2, most: 9 }, async ([item]: readonly number[]) => {
    if (item === 1) await new Promise(() => undefined);
    done.push(item ?? 0);
  });
  void add(1);
  await add(2);
  await add(3);
  expect(done).toEqual([2, 3]);
});

it('where a run of several items fails, only the items fail that fail alone', async () => {
  const runs: number[][] = [];
  const add = gather({ flights: 1, most: 9 }, async (items: readonly number[]) => {
    runs.push([...items]);
    await Promise.resolve();
    if (items.includes(3)) throw new Error('three');
  });
  const results = await Promise.allSettled([1, 2, 3, 4].map(add));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(runs).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
});
