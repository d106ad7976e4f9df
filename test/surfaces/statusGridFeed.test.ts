import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StatusGrid, StatusGridChange, Tile } from '../../src/model/surfaces.ts';
import { createStatusGridFeed } from '../../src/surfaces/statusGridFeed.ts';
import * as samples from '../http/samples.ts';

/** One look at the grid serves everybody, and pages are told only what they would see. */

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-05-05T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function house(surfaces: Tile[] = [samples.tile('web'), samples.tile('api')]) {
  const stage = { surfaces, looks: 0, broken: false };
  const told = new Set<(mayMatter: boolean) => void>();
  const feed = createStatusGridFeed({
    async read(): Promise<StatusGrid> {
      stage.looks += 1;
      if (stage.broken) throw new Error('gone');
      return { ...samples.board(stage.surfaces.map((tile) => ({ ...tile }))), generated_at: new Date().toISOString() };
    },
    subscribe(heard) {
      told.add(heard);
      return () => told.delete(heard);
    },
  });
  return {
    stage,
    feed,
    listeners: () => told.size,
    change(id: string, change: Partial<Tile>) {
      stage.surfaces = stage.surfaces.map((tile) => (tile.id === id ? { ...tile, ...change } : tile));
    },
    async announce(mayMatter = true) {
      for (const tell of told) tell(mayMatter);
      await vi.advanceTimersByTimeAsync(1_500);
    },
  };
}

async function watched(given = house()) {
  const page = await given.feed.grid();
  await vi.advanceTimersByTimeAsync(2_000);
  const heard: StatusGridChange[] = [];
  const stop = given.feed.watch(page.generated_at, (change) => heard.push(change));
  return { ...given, heard, stop, page };
}

test('names the tile that changed, once, whatever the checks of the others say', async () => {
  const { change, announce, heard } = await watched();
  change('web', { status: 'DOWN' });
  change('api', { last_check: { at: samples.at(0), latency_ms: 99, error: null }, recent: [99] });
  await announce();
  await announce();
  expect(heard).toMatchObject([{ ids: ['web'], all: false }]);
});

test('names a tile whose ticket turns out to be shared, and not again with each alert that joins', async () => {
  const { change, announce, heard } = await watched();
  for (const shared_with of [0, 1, 2]) {
    change('web', { ticket: { ...samples.ticket(500), shared_with } });
    await announce();
  }
  expect(heard).toMatchObject([{ ids: ['web'] }]);
});

test('says nothing where nothing shows, and does not even look for what cannot show', async () => {
  const { announce, heard, stage } = await watched();
  await announce();
  expect(heard).toEqual([]);
  const looks = stage.looks;
  await announce(false);
  expect(stage.looks).toBe(looks);
});

test.each<[string, Partial<Tile>]>([
  ['who has the ticket', { ticket: samples.ticket(1, 5, { assignee: 'Sam' }) }],
  ['that somebody replied', { ticket: samples.ticket(1, 5, { last_reply_at: samples.at(1) }) }],
  ['that a recovered surface has a ticket', { recovered_ticket_open: true }],
])('tells %s', async (_what, changed) => {
  const { change, announce, heard } = await watched();
  change('api', changed);
  await announce();
  expect(heard).toMatchObject([{ ids: ['api'] }]);
});

test('finds by itself that checks have stopped coming, of which nobody hears', async () => {
  const { change, heard } = await watched();
  change('web', { status: 'UNKNOWN', was: 'OPERATIONAL' });
  await vi.advanceTimersByTimeAsync(11_000);
  expect(heard).toMatchObject([{ ids: ['web'] }]);
});

test('a surface that comes, goes or is named anew changes the whole page', async () => {
  const { change, announce, heard, stage } = await watched();
  change('web', { name: 'Website' });
  await announce();
  stage.surfaces = stage.surfaces.slice(1);
  await announce();
  expect(heard.map(({ all }) => all)).toEqual([true, true]);
});

test('a page that opens its link late hears what it missed, and of everything where that is not known any more', async () => {
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

test('who was told of a change is shown the very look that saw it, and anybody else a new one', async () => {
  const { change, announce, heard, feed, stage } = await watched();
  change('web', { status: 'DOWN' });
  await announce();
  const looks = stage.looks;
  const shown = await Promise.all(Array.from({ length: 100 }, () => feed.grid(heard[0]?.as_of)));
  expect(shown.every(({ counts }) => counts.DOWN === 1)).toBe(true);
  expect(stage.looks).toBe(looks);
  await feed.grid();
  expect(stage.looks).toBe(looks + 1);
});

test('a look of another process that began about then does not count as having seen it', async () => {
  const { feed, page, stage } = await watched();
  const looks = stage.looks;
  await feed.grid(new Date(Date.parse(page.generated_at) - 500).toISOString());
  expect(stage.looks).toBe(looks + 1);
});

test('a hundred who ask at once share two looks', async () => {
  const { feed, stage } = house();
  await Promise.all(Array.from({ length: 100 }, () => feed.grid()));
  expect(stage.looks).toBe(2);
});

test('goes on after a look that failed', async () => {
  const { change, announce, heard, stage } = await watched();
  stage.broken = true;
  change('web', { status: 'DOWN' });
  await announce();
  stage.broken = false;
  await announce();
  expect(heard).toMatchObject([{ ids: ['web'] }]);
});

test('sleeps when nobody looks any more', async () => {
  const { stop, listeners, stage } = await watched();
  expect(listeners()).toBe(1);
  stop();
  await vi.advanceTimersByTimeAsync(130_000);
  expect(listeners()).toBe(0);
  const looks = stage.looks;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stage.looks).toBe(looks);
});
