import { expect, test } from 'vitest';
import { coalesce } from '../../src/lib/coalesce.ts';

/** Work that ends when it is told to; each run answers its number. */
function told() {
  const ends: ((error?: Error) => void)[] = [];
  const work = () =>
    new Promise<number>((resolve, reject) => {
      const run = ends.length + 1;
      ends.push((error) => (error ? reject(error) : resolve(run)));
    });
  return { ends, work };
}

test('whoever asks while it runs shares the next run, and never gets the one that began before', async () => {
  const { ends, work } = told();
  const ask = coalesce(work);
  const first = ask();
  const later = [ask(), ask(), ask()];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await Promise.resolve();
  ends[1]?.();
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
  expect(ends).toHaveLength(2);
});

test('asks anew once nothing runs', async () => {
  const { ends, work } = told();
  const ask = coalesce(work);
  const first = ask();
  ends[0]?.();
  expect(await first).toBe(1);
  const second = ask();
  ends[1]?.();
  expect(await second).toBe(2);
});

test('a run that fails is its own callers’ trouble only', async () => {
  const { ends, work } = told();
  const ask = coalesce(work);
  const first = ask();
  const second = ask();
  ends[0]?.(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  ends[1]?.();
  expect(await second).toBe(2);
});
