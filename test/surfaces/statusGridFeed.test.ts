import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StatusGrid, StatusGridChange, Tile } from '../../src/model/surfaces.ts';
import { createStatusGridFeed } from '../../src/surfaces/statusGridFeed.ts';
import * as samples from '../http/samples.ts';

/** One read of the grid serves all pages, which are notified of visible changes only. */

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-05-05T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function startFeed(surfaces: Tile[] = [samples.tile('web'), samples.tile('api')]) {
  const source = { surfaces, reads: 0, broken: false };
  const callbacks = new Set<(mayMatter: boolean) => void>();
  const feed = createStatusGridFeed({
    async read(): Promise<StatusGrid> {
      source.reads += 1;
      if (source.broken) throw new Error('gone');
      return { ...samples.board(source.surfaces.map((tile) => ({ ...tile }))), generated_at: new Date().toISOString() };
    },
    subscribe(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  });
  return {
    source,
    feed,
    subscriptions: () => callbacks.size,
    change(id: string, change: Partial<Tile>) {
      source.surfaces = source.surfaces.map((tile) => (tile.id === id ? { ...tile, ...change } : tile));
    },
    async announce(mayMatter = true) {
      for (const callback of callbacks) callback(mayMatter);
      await vi.advanceTimersByTimeAsync(1_500);
    },
  };
}

async function watched(started = startFeed()) {
  const page = await started.feed.grid();
  await vi.advanceTimersByTimeAsync(2_000);
  const changes: StatusGridChange[] = [];
  const stop = started.feed.watch(page.generated_at, (change) => changes.push(change));
  return { ...started, changes, stop, page };
}

test('a changed tile is reported once, however often other surfaces are checked', async () => {
  const { change, announce, changes } = await watched();
  change('web', { status: 'DOWN' });
  change('api', { last_check: { at: samples.at(0), latency_ms: 99, error: null }, recent: [99] });
  await announce();
  await announce();
  expect(changes).toMatchObject([{ ids: ['web'], all: false }]);
});

test('a tile is reported when its ticket becomes shared, and not again for each alert that joins', async () => {
  const { change, announce, changes } = await watched();
  const ticket = samples.ticket(500);
  for (const shared_with of [0, 1, 2]) {
    change('web', { ticket: { ...ticket, shared_with } });
    await announce();
  }
  expect(changes).toMatchObject([{ ids: ['web'] }]);
});

test('changes that are not visible are not reported, and some are not even read', async () => {
  const { announce, changes, source } = await watched();
  await announce();
  expect(changes).toEqual([]);
  const reads = source.reads;
  await announce(false);
  expect(source.reads).toBe(reads);
});

test.each<[string, Partial<Tile>]>([
  ['who has the ticket', { ticket: samples.ticket(1, 5, { assignee: 'Sam' }) }],
  ['that somebody replied', { ticket: samples.ticket(1, 5, { last_reply_at: samples.at(1) }) }],
  ['that a recovered surface has a ticket', { recovered_ticket_open: true }],
])('%s is reported', async (_what, changed) => {
  const { change, announce, changes } = await watched();
  change('api', changed);
  await announce();
  expect(changes).toMatchObject([{ ids: ['api'] }]);
});

test('a surface whose checks stopped is found without a notification', async () => {
  const { change, changes } = await watched();
  change('web', { status: 'UNKNOWN', was: 'OPERATIONAL' });
  await vi.advanceTimersByTimeAsync(11_000);
  expect(changes).toMatchObject([{ ids: ['web'] }]);
});

test('adding, removing, moving or renaming a surface changes the whole page', async () => {
  const { change, announce, changes, source } = await watched();
  change('web', { name: 'Website' });
  await announce();
  change('web', { group: 'Test' });
  await announce();
  source.surfaces = source.surfaces.toReversed();
  await announce();
  source.surfaces = source.surfaces.slice(1);
  await announce();
  source.surfaces = [...source.surfaces, samples.tile('shop')];
  await announce();
  expect(changes.map(({ all }) => all)).toEqual([true, true, true, true, true]);
});

test('tiles that are the same objects as at the last read are not compared', async () => {
  const web = samples.tile('web');
  let comparisons = 0;
  Object.defineProperty(web, 'earlier_tickets', {
    get() {
      comparisons += 1;
      return [];
    },
  });
  let surfaces = [web, samples.tile('api')];
  const feed = createStatusGridFeed({
    read: async () => ({ ...samples.board(surfaces), generated_at: new Date().toISOString() }),
    subscribe: () => () => undefined,
  });
  const changes: StatusGridChange[] = [];
  feed.watch((await feed.grid()).generated_at, (change) => changes.push(change));
  await feed.grid();
  surfaces = [web, samples.tile('api', { status: 'DOWN' })];
  await feed.grid();
  expect(changes).toMatchObject([{ ids: ['api'], all: false }]);
  expect(comparisons).toBe(0);
});

test('a page that subscribes late gets the changes it missed, or all where they are no longer known', async () => {
  const { change, announce, feed, page } = await watched();
  change('web', { status: 'DOWN' });
  await announce();
  change('api', { status: 'DEGRADED' });
  await announce();
  const late: StatusGridChange[] = [];
  feed.watch(page.generated_at, (missed) => late.push(missed));
  feed.watch('2026-05-05T11:00:00.000Z', (missed) => late.push(missed));
  feed.watch(new Date(Date.now() + 60_000).toISOString(), (missed) => late.push(missed));
  expect(late).toMatchObject([
    { ids: ['web', 'api'], all: false },
    { ids: [], all: true },
  ]);
});

test('a page that was notified of a change gets the grid of that read, and other pages a new read', async () => {
  const { change, announce, changes, feed, source } = await watched();
  change('web', { status: 'DOWN' });
  await announce();
  const reads = source.reads;
  const shown = await Promise.all(Array.from({ length: 100 }, () => feed.grid(changes[0]?.as_of)));
  expect(shown.every(({ counts }) => counts.DOWN === 1)).toBe(true);
  expect(source.reads).toBe(reads);
  await feed.grid();
  expect(source.reads).toBe(reads + 1);
});

test('a read of another process at about the same time does not count as recent enough', async () => {
  const { feed, page, source } = await watched();
  const reads = source.reads;
  await feed.grid(new Date(Date.parse(page.generated_at) - 500).toISOString());
  expect(source.reads).toBe(reads + 1);
});

test('a hundred requests at once share two reads', async () => {
  const { feed, source } = startFeed();
  await Promise.all(Array.from({ length: 100 }, () => feed.grid()));
  expect(source.reads).toBe(2);
});

test('the feed continues after a failed read', async () => {
  const { change, announce, changes, source } = await watched();
  source.broken = true;
  change('web', { status: 'DOWN' });
  await announce();
  source.broken = false;
  await announce();
  expect(changes).toMatchObject([{ ids: ['web'] }]);
});

test('the feed stops reading when no page is open', async () => {
  const { stop, subscriptions, source } = await watched();
  expect(subscriptions()).toBe(1);
  stop();
  await vi.advanceTimersByTimeAsync(130_000);
  expect(subscriptions()).toBe(0);
  const reads = source.reads;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.reads).toBe(reads);
});
