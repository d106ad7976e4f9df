import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordWithdrawals } from '../../src/tickets/filingIntents.ts';
import { createFilingStore, type Filing } from '../../src/tickets/filingStore.ts';
import { createNewFilings } from '../../src/tickets/newFilings.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** Filings that a process has just stored, and does not read before their first run. */

let filings: FilingFixture;
let before: number;
beforeAll(async () => {
  filings = await startFilingFixture();
});
afterAll(() => filings.drop());
beforeEach(() => {
  before = filings.posts();
});

const read = async (id: string) => (await createFilingStore(filings.pool, trustedClock).read(id)) as Filing;

/** A process that stored this filing, and runs it as it was then. */
async function processThatStored(id: string) {
  const filing = await read(id);
  return filings.protocol({}, undefined, { takeNew: (asked) => (asked === id ? filing : null) });
}

/** New filings by a clock that only the test moves. */
function remembering() {
  let now = 1_000;
  const time = { now: () => now, sleep: async () => undefined };
  return {
    newFilings: createNewFilings(time),
    pass(ms: number) {
      now += ms;
    },
  };
}
const named = (id: string, leftMs: number | null = null) => ({ id, leftMs }) as Filing;

test('a filing is stored as its first read would find it', async () => {
  const id = await filings.intends('investigate', 14_000);
  const { leftMs, ...stored } = filings.lastStored() as Filing;
  const { leftMs: leftLater, ...found } = await read(id);
  expect(stored).toStrictEqual(found);
  expect(leftMs).toBeGreaterThanOrEqual(leftLater as number);
});

test('a filing is remembered once it is committed, and given once', async () => {
  const { newFilings } = remembering();
  const committed = await newFilings.stored(async () => [named('a'), named('b')]);
  expect(newFilings.take('a')).toBeNull();
  committed();
  expect(newFilings.take('a')).toEqual(named('a'));
  expect([newFilings.take('a'), newFilings.take('unheard of')]).toEqual([null, null]);
});

test('a filing has to be read half a second after it was stored', async () => {
  const { newFilings, pass } = remembering();
  (await newFilings.stored(async () => [named('a'), named('b')]))();
  pass(500);
  expect(newFilings.take('a')).toEqual(named('a'));
  pass(1);
  expect(newFilings.take('b')).toBeNull();
});

test('the time until the deadline counts from before the filing was stored', async () => {
  const { newFilings, pass } = remembering();
  const committed = await newFilings.stored(async () => {
    pass(100);
    return [named('a', 14_000)];
  });
  pass(30);
  committed();
  pass(7);
  expect(newFilings.take('a')?.leftMs).toBe(13_863);
});

test('of many filings the latest are remembered', async () => {
  const { newFilings } = remembering();
  const ids = Array.from({ length: 60 }, (_, n) => `filing-${n}`);
  for (const id of ids) (await newFilings.stored(async () => [named(id)]))();
  expect(ids.filter((id) => newFilings.take(id) !== null)).toEqual(ids.slice(10));
});

test('a filing that is not read before its first run is posted once', async () => {
  const id = await filings.intends('alert');
  const own = await processThatStored(id);
  expect(await own.file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: true, tagged: true });
  expect(filings.posts()).toBe(before + 1);
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'tagged', attempts: 1 });
});

test('a filing that is withdrawn after it was stored posts nothing, although it is not read', async () => {
  const id = await filings.intends('alert');
  const own = await processThatStored(id);
  await recordWithdrawals(filings.pool, [id]);
  expect(await own.file(id, FIRST_RUN)).toStrictEqual({ outcome: 'refused', reason: 'withdrawn' });
  expect(filings.posts()).toBe(before);
});

test.each(['alert', 'investigate'] as const)(
  'the filing of an %s that another process has posted since it was stored is not posted again, although it is not read',
  async (path) => {
    const id = await filings.intends(path);
    const own = await processThatStored(id);
    await filings.protocol({ findOpenByTags: async () => [] }).file(id, FIRST_RUN);
    expect(await own.file(id, FIRST_RUN)).toStrictEqual({ outcome: 'doubt', inherited: true });
    expect(filings.posts()).toBe(before + 1);
  },
);

test('a filing that another process began to post since it was stored is in doubt, although it is not read', async () => {
  const id = await filings.intends('alert');
  const own = await processThatStored(id);
  const other = filings.protocol({ create: () => Promise.reject(lostAnswer()) });
  await other.file(id, { ...FIRST_RUN, signal: AbortSignal.abort() }).catch(() => null);
  expect(await own.file(id, FIRST_RUN)).toStrictEqual({ outcome: 'doubt', inherited: true });
  expect(filings.posts()).toBe(before);
});

test('a filing whose attempt by another process certainly had no effect is posted by the next run, although it is not read', async () => {
  const id = await filings.intends('alert');
  const own = await processThatStored(id);
  const other = filings.protocol({
    create: () => Promise.reject(new TicketError('unavailable', 'no connection', { code: 'ECONNREFUSED' })),
  });
  expect(await other.file(id, FIRST_RUN)).toMatchObject({ outcome: 'failed' });
  expect(await own.file(id, FIRST_RUN)).toStrictEqual({ inMs: 1_000 });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned', attempts: 1 });
  expect(await filings.protocol().file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: true });
  expect(filings.posts()).toBe(before + 1);
});
