import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAdmission } from '../../src/alerts/admission.ts';
import { takeStormSlots } from '../../src/alerts/stormSlots.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import type { Filing } from '../../src/tickets/filingStore.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.pool.query('delete from filings');
});
afterAll(() => database.drop());

const storm = { maxTickets: 5, windowMinutes: 10, maxTicketsTotal: 0 };

async function planned(...ids: string[]): Promise<void> {
  for (const id of ids) {
    await database.pool.query(
      "insert into filings (id, marker, path, actor_id, subject_key, source, request) values ($1, $1, 'alert', $1, $1, $2, '{}')",
      [id, id.split('-')[0]],
    );
  }
}
const take = (ids: string[], limits = storm, pool = database.pool) =>
  takeStormSlots(pool, limits, { table: 'filings', source: ids[0]?.split('-')[0] ?? '', ids });
const admitted = (ids: string[], limits = storm, pool = database.pool) =>
  Promise.all(ids.map(async (id) => (await take([id], limits, pool)).has(id)));
const names = (source: string, count: number) => Array.from({ length: count }, (_, n) => `${source}-${n}`);

it('no more than the storm limit are admitted, however many processes ask at once', async () => {
  const ids = names('a', 30);
  await planned(...ids);
  const other = createPool(database.url, 10, createLog({ level: 'silent' }));
  const answers = await Promise.all([admitted(ids.slice(0, 15)), admitted(ids.slice(15), storm, other)]);
  expect(answers.flat().filter(Boolean)).toHaveLength(5);
  await other.end();
});

it('an admitted filing stays admitted when it is asked again', async () => {
  const ids = names('b', 6);
  await planned(...ids);
  for (const id of ids.slice(0, 5)) expect(await admitted([id])).toEqual([true]);
  expect(await admitted(ids)).toEqual([true, true, true, true, true, false]);
});

it('a slot is free again after the storm window', async () => {
  const ids = names('c', 6);
  await planned(...ids);
  await admitted(ids.slice(0, 5));
  await database.pool.query("update filings set admitted_at = admitted_at - interval '601 seconds' where id = 'c-0'");
  expect(await admitted(['c-5'])).toEqual([true]);
});

it('each source has its own slots, within the limit over all sources', async () => {
  const ids = [...names('d', 4), ...names('e', 4)];
  await planned(...ids);
  const answers = await admitted(ids, { ...storm, maxTicketsTotal: 6 });
  expect(answers.filter(Boolean)).toHaveLength(6);
});

it('many filings that ask together get the free slots in their order', async () => {
  const ids = names('f', 8);
  await planned(...ids);
  await take(['f-7']);
  expect([...(await take(ids))].toSorted()).toEqual(['f-0', 'f-1', 'f-2', 'f-3', 'f-7']);
  expect([...(await take(ids))].toSorted()).toEqual(['f-0', 'f-1', 'f-2', 'f-3', 'f-7']);
});

it('a click is admitted whatever flag, storm, silence and outage say', async () => {
  const never = () => Promise.reject(new Error('asked'));
  const admission = createAdmission({ facts: never, suppressionNow: never, takeSlots: never });
  const click = { id: 'x', path: 'investigate', request: { path: 'investigate' } } as Filing;
  expect(await admission([click], { probe: false, posts: true })).toEqual([null]);
});

const FACTS = { autoTicket: true, helpdeskFails: false, silent: new Set<string>(), suspect: new Set<string>() };
const filingOf = (id: string, surfaceId: string | null = null) =>
  ({ id, path: 'alert', request: { path: 'alert', source: id.split('-')[0], surfaceId, alertKey: id } }) as Filing;
const nothingSuppressed = async () => ({ of: () => ({ held: null, under: [] }) });

it('a filing that posts nothing is admitted without a slot of the storm window', async () => {
  const admission = createAdmission({
    facts: async () => FACTS,
    suppressionNow: nothingSuppressed,
    takeSlots: async () => new Set(),
  });
  expect(await admission([filingOf('a-x')], { probe: false, posts: false })).toEqual([null]);
  expect(await admission([filingOf('a-x')], { probe: false, posts: true })).toEqual([{ refused: 'storm' }]);
});

it('many filings are judged together: each for its own reason, and only admitted ones take slots of their source', async () => {
  const slots: [string, readonly string[]][] = [];
  const admission = createAdmission({
    facts: async () => ({ ...FACTS, silent: new Set(['a-silent']), suspect: new Set(['a-suspect']) }),
    suppressionNow: async () => ({
      of: (_source, surfaceId) => ({ held: surfaceId === 'api' ? 'maintenance' : null, under: [] }),
    }),
    takeSlots: async (source, ids) => {
      slots.push([source, ids]);
      return new Set(ids.slice(0, 1));
    },
  });
  const filings = [filingOf('a-1'), filingOf('a-held', 'api'), filingOf('a-silent'), filingOf('a-suspect')];
  expect(await admission([...filings, filingOf('a-2'), filingOf('b-1')], { probe: false, posts: true })).toEqual([
    null,
    { refused: 'maintenance' },
    { refused: 'silent' },
    { refused: 'unstable_id' },
    { refused: 'storm' },
    null,
  ]);
  expect(slots).toEqual([
    ['a', ['a-1', 'a-2']],
    ['b', ['b-1']],
  ]);
});

it('while the help desk fails only a probe is admitted', async () => {
  const admission = createAdmission({
    facts: async () => ({ ...FACTS, helpdeskFails: true }),
    suppressionNow: nothingSuppressed,
    takeSlots: async (_source, ids) => new Set(ids),
  });
  expect(await admission([filingOf('a-1')], { probe: false, posts: true })).toEqual([{ failed: 'held' }]);
  expect(await admission([filingOf('a-1')], { probe: true, posts: true })).toEqual([null]);
});
