import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBannerFeed } from '../../src/http/bannerFeed.ts';
import * as samples from './samples.ts';

/** Open pages are told at once that the banners have changed, however often what they depend on changes. */

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function started() {
  const state = { text: 'one', reads: 0, watched: true, broken: false };
  const changes: string[] = [];
  const feed = createBannerFeed({
    async read() {
      state.reads += 1;
      if (state.broken) throw new Error('gone');
      return [samples.banner(state.text)];
    },
    isWatched: () => state.watched,
    onChange: (digest) => changes.push(digest),
  });
  return { feed, state, changes };
}

test('a change is reported within a second of its notification, and once', async () => {
  const { feed, state, changes } = started();
  feed.touch();
  await vi.advanceTimersByTimeAsync(4_000);
  expect([changes.length, feed.digest()]).toEqual([1, changes[0]]);
  state.text = 'two';
  feed.touch();
  await vi.advanceTimersByTimeAsync(900);
  expect([changes.length, feed.digest()]).toEqual([2, changes[1]]);
  feed.touch();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(changes).toHaveLength(2);
  feed.stop();
});

test('many notifications share a read every two seconds', async () => {
  const { feed, state } = started();
  for (let n = 0; n < 100; n++) {
    feed.touch();
    await vi.advanceTimersByTimeAsync(40);
  }
  expect(state.reads).toBeLessThanOrEqual(3);
  feed.stop();
});

test('what nobody notifies of, such as the end of a worker, is found within seconds, also after a failed read', async () => {
  const { feed, state, changes } = started();
  feed.touch();
  await vi.advanceTimersByTimeAsync(1_000);
  state.broken = true;
  await vi.advanceTimersByTimeAsync(10_000);
  state.broken = false;
  state.text = 'No worker is running.';
  await vi.advanceTimersByTimeAsync(8_000);
  expect(changes).toHaveLength(2);
  feed.stop();
});

test('nothing is read while no page is open, and nothing after the end', async () => {
  const { feed, state } = started();
  state.watched = false;
  feed.touch();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(state.reads).toBe(0);
  state.watched = true;
  feed.touch();
  feed.stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(state.reads).toBe(0);
});
