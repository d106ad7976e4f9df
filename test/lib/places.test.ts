import { expect, it, vi } from 'vitest';
import { createPlaces } from '../../src/lib/places.ts';

const hanging = () => {
  let end: () => void = () => undefined;
  const work = vi.fn(
    () =>
      new Promise<string>((resolve) => {
        end = () => resolve('done');
      }),
  );
  return { work, end: () => end() };
};

it('any number begin while none of them takes long', async () => {
  const places = createPlaces(2, () => 0);
  const all = Array.from({ length: 5 }, hanging);
  const runs = all.map(({ work }) => places.run(work));
  for (const { work, end } of all) {
    expect(work).toHaveBeenCalledOnce();
    end();
  }
  expect(await Promise.all(runs)).toEqual(Array(5).fill('done'));
});

it('while one of them takes long, as many as the places run, and the others come back later', async () => {
  let now = 0;
  const places = createPlaces(2, () => now);
  const [first, second, third, fourth] = [hanging(), hanging(), hanging(), hanging()];
  const runs = [places.run(first.work), places.run(second.work)];
  now = 10_000;
  expect(await places.run(third.work)).toEqual({ inMs: 20_000 });
  expect(third.work).not.toHaveBeenCalled();
  first.end();
  await runs[0];
  const next = places.run(fourth.work);
  expect(fourth.work).toHaveBeenCalledOnce();
  second.end();
  fourth.end();
  expect(await Promise.all([...runs, next])).toEqual(['done', 'done', 'done']);
});

it('work that fails leaves its place', async () => {
  let now = 0;
  const places = createPlaces(1, () => now);
  await expect(places.run(() => Promise.reject(new Error('not today')))).rejects.toThrow('not today');
  now = 10_000;
  expect(await places.run(async () => 'done')).toBe('done');
});
