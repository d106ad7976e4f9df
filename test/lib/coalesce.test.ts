import { expect, test } from 'vitest';
import { coalesce, coalesceBy } from '../../src/lib/coalesce.ts';

/** Work whose runs end on demand; each run returns its number. */
function told() {
  const ends: ((error?: Error) => void)[] = [];
  const work = () =>
    new Promise<number>((resolve, reject) => {
      const run = ends.length + 1;
      ends.push((error) => (error ? reject(error) : resolve(run)));
    });
  return { ends, work };
}

test('calls during a run share the next run', async () => {
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

test('a call without a run in progress starts a new run', async () => {
  const { ends, work } = told();
  const ask = coalesce(work);
  const first = ask();
  ends[0]?.();
  expect(await first).toBe(1);
  const second = ask();
  ends[1]?.();
  expect(await second).toBe(2);
});

test('a failed run rejects only its own callers', async () => {
  const { ends, work } = told();
  const ask = coalesce(work);
  const first = ask();
  const second = ask();
  ends[0]?.(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  ends[1]?.();
  expect(await second).toBe(2);
});

test('calls with different keys do not share a run', async () => {
  const asked: string[] = [];
  const ask = coalesceBy(async (key: string) => {
    asked.push(key);
    return key.toUpperCase();
  });
  expect(await Promise.all(['a', 'b', 'a', 'a'].map(ask))).toEqual(['A', 'B', 'A', 'A']);
  expect(asked).toEqual(['a', 'b', 'a']);
});
