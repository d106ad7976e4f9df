import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAdmission, takeStormSlot } from '../../src/alerts/admission.ts';
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
const admitted = (ids: string[], limits = storm, pool = database.pool) =>
  Promise.all(ids.map((id) => takeStormSlot(pool, limits, { table: 'filings', id, source: id.split('-')[0] ?? '' })));
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

it('a click is admitted whatever flag, storm, silence and outage say', async () => {
  const never = () => Promise.reject(new Error('asked'));
  const admission = createAdmission({
    lastSeen: { isSilent: never },
    idChurn: { isSuspect: never },
    isAutoTicketOn: never,
    suppressionNow: never,
    isHelpdeskFailing: never,
    takeSlot: never,
  });
  expect(await admission({ id: 'x', request: { path: 'investigate' } } as Filing, false)).toBeNull();
});

it('a filing that posts nothing is admitted without a slot of the storm window', async () => {
  const admission = createAdmission({
    lastSeen: { isSilent: async () => false },
    idChurn: { isSuspect: async () => false },
    isAutoTicketOn: async () => true,
    suppressionNow: async () => ({ held: null, under: [] }),
    isHelpdeskFailing: async () => false,
    takeSlot: async () => false,
  });
  const filing = { id: 'x', request: { path: 'alert', source: 'a', surfaceId: null, alertKey: 'a:x' } } as Filing;
  expect(await admission(filing, false, false)).toBeNull();
  expect(await admission(filing, false)).toEqual({ refused: 'storm' });
});
