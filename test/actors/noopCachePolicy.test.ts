import { expect, it } from 'vitest';
import { createNoopCache, type NoopCache } from '../../src/actors/noopCache.ts';

/** Which actors the cache of events without effect keeps when there are more than it has room for. */

const ROOM = 1_000;
const REVISION = { rev: 1, life: 'a' };
const message = (n: number) => ({ to: `alert:${n}`, event: { type: 'EMITTED' } });

/** One cycle of a sender: each active alert once. Returns the share that was recalled. */
function cycle(cache: NoopCache, active: readonly number[]): number {
  let recalled = 0;
  for (const n of active) {
    if (cache.recall(message(n), REVISION)) recalled += 1;
    else cache.remember(message(n), REVISION, [], {} as never);
  }
  return recalled / active.length;
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

it.each([
  ['as many alerts as fit', 1, 1],
  ['slightly more', 1.05, 0.95],
  ['half as many again', 1.5, 0.6],
  ['four times as many', 4, 0.2],
])('with %s nearly all that fit are recalled in each cycle', (_, times, share) => {
  const cache = createNoopCache(ROOM);
  const active = numbers(Math.round(times * ROOM));
  for (const _ of numbers(3)) cycle(cache, active);
  for (const _ of numbers(5)) expect(cycle(cache, active)).toBeGreaterThanOrEqual(share);
});

it('alerts that are no longer emitted make room for new ones', () => {
  const cache = createNoopCache(ROOM);
  for (const _ of numbers(3)) cycle(cache, numbers(ROOM));
  const next = numbers(ROOM, ROOM);
  for (const _ of numbers(6)) cycle(cache, next);
  expect(cycle(cache, next)).toBe(1);
});

it('an actor that changed is recalled at its new revision only', () => {
  const cache = createNoopCache(ROOM);
  cycle(cache, [1]);
  expect(cache.recall(message(1), { ...REVISION, rev: 2 })).toBeUndefined();
  cache.remember(message(1), { ...REVISION, rev: 2 }, [], {} as never);
  expect(cache.recall(message(1), REVISION)).toBeUndefined();
  expect(cache.recall(message(1), { ...REVISION, rev: 2 })).toBeDefined();
});
