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
const taken = async (ids: string[]) => [...(await take(ids)).taken].toSorted();
const admitted = (ids: string[], limits = storm, pool = database.pool) =>
  Promise.all(ids.map(async (id) => (await take([id], limits, pool)).taken.has(id)));
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

it('slots that were taken before the clock of the database stepped back do not count', async () => {
  const ids = names('s', 6);
  await planned(...ids);
  await admitted(ids.slice(0, 5));
  expect(await admitted(['s-5'])).toEqual([false]);
  await database.pool.query("update filings set admitted_at = admitted_at + interval '1 hour'");
  expect(await admitted(['s-5'])).toEqual([true]);
});

it('a process of an older build takes from the same slots', async () => {
  const ids = names('o', 7);
  await planned(...ids);
  await take(ids.slice(0, 3));
  const { rows } = await database.pool.query<{ id: string }>(
    "select slot_of as id from storm_slots('filings', 'o', $1, 5, 0, 10, false) where is_taken",
    [ids.slice(3)],
  );
  expect(rows.map(({ id }) => id).toSorted()).toEqual(['o-3', 'o-4']);
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
  expect(await taken(ids)).toEqual(['f-0', 'f-1', 'f-2', 'f-3', 'f-7']);
  expect(await taken(ids)).toEqual(['f-0', 'f-1', 'f-2', 'f-3', 'f-7']);
});

/** Filings of alerts that wait for their decision. */
async function waiting(alerts: Record<string, [severity: string, since: string]>): Promise<void> {
  await planned(...Object.keys(alerts));
  for (const [id, [severity, since]] of Object.entries(alerts)) {
    await database.pool.query('update filings set request = $2 where id = $1', [id, { severity, since }]);
  }
}
const takeInOrder = (source: string, ids: readonly string[], maxTickets: number, refused: readonly string[] = []) =>
  takeStormSlots(database.pool, { ...storm, maxTickets }, { table: 'filings', source, ids, refused, inOrder: true });
const inOrder = async (source: string, ids: string[], maxTickets: number) =>
  [...(await takeInOrder(source, ids, maxTickets)).taken].toSorted();

it('in a storm the most severe alerts get the slots, then those that fired first, then by id', async () => {
  await waiting({
    'g-late': ['P1', '2026-05-05T14:02:00Z'],
    'g-b': ['P1', '2026-05-05T14:01:00Z'],
    'g-a': ['P1', '2026-05-05T14:01:00Z'],
    'g-early': ['P2', '2026-05-05T14:00:00Z'],
    'g-minor': ['P2', '2026-05-05T14:03:00Z'],
  });
  // In whatever order, and in whatever groups, they are asked about.
  expect(await inOrder('g', ['g-minor', 'g-late'], 3)).toEqual(['g-late']);
  expect(await inOrder('g', ['g-early'], 3)).toEqual([]);
  expect(await inOrder('g', ['g-b', 'g-a'], 3)).toEqual(['g-a', 'g-b']);
});

it('a filing that waited for longer than the storm window gets a free slot', async () => {
  await waiting({ 'h-old': ['P2', '2026-05-05T14:00:00Z'], 'h-new': ['P2', '2026-05-05T15:00:00Z'] });
  await database.pool.query("update filings set created_at = created_at - interval '1 hour' where id = 'h-old'");
  expect(await inOrder('h', ['h-old'], 1)).toEqual(['h-old']);
});

/** An alert that fired again soon after its ticket, and a less severe one. */
async function continuing(source: string, ticketStatus: string): Promise<void> {
  await waiting({
    [`${source}-again`]: ['P1', '2026-05-05T14:00:00Z'],
    [`${source}-new`]: ['P2', '2026-05-05T14:01:00Z'],
  });
  await planned('ticket-71');
  await database.pool.query(
    "update filings set phase = 'tagged', ticket_id = 71, ticket_status = $1 where id = 'ticket-71'",
    [ticketStatus],
  );
  await database.pool.query(`update filings set request = request || '{"continues": {"id": 71}}' where id = $1`, [
    `${source}-again`,
  ]);
}

it('an alert that continues an open ticket takes no slot from others', async () => {
  await continuing('j', 'active');
  expect(await inOrder('j', ['j-new'], 1)).toEqual(['j-new']);
});

it('an alert whose earlier ticket was closed has its place in the order of a storm, as any', async () => {
  await continuing('k', 'closed');
  expect(await inOrder('k', ['k-new'], 1)).toEqual([]);
  expect(await inOrder('k', ['k-again'], 1)).toEqual(['k-again']);
});

it('an alert whose earlier ticket turns out not to be open asks for a slot, ahead of less severe ones', async () => {
  await continuing('l', 'active');
  expect(await inOrder('l', ['l-new', 'l-again'], 1)).toEqual(['l-again']);
});

it('a filing that another transaction holds is not waited for, and the others are decided', async () => {
  await planned('i-0', 'i-1');
  const stuck = await database.pool.connect();
  await stuck.query(
    "begin; set local idle_in_transaction_session_timeout = 0; select from filings where id = 'i-0' for update",
  );
  const answer = await take(['i-0', 'i-1']);
  await stuck.query('rollback');
  stuck.release();
  expect(answer).toEqual({ taken: new Set(['i-1']), held: new Set(['i-0']) });
  expect(await taken(['i-0'])).toEqual(['i-0']);
});

it('a filing that was withdrawn takes no slot, and is left to a run that reads it again', async () => {
  await planned('p-0', 'p-1');
  await database.pool.query("update filings set phase = 'withdrawn', withdrawn_at = now() where id = 'p-0'");
  const answer = await take(['p-0', 'p-1'], { ...storm, maxTickets: 1 });
  expect(answer).toEqual({ taken: new Set(['p-1']), held: new Set(['p-0']) });
  const { rows } = await database.pool.query('select id from filings where admitted_at is not null');
  expect(rows).toEqual([{ id: 'p-1' }]);
});

it('a click is admitted whatever flag, storm, silences, silent senders and outage say', async () => {
  const never = () => Promise.reject(new Error('asked'));
  const admission = createAdmission({ facts: never, suppressionNow: never, takeSlots: never });
  const click = { id: 'x', path: 'investigate', request: { path: 'investigate' } } as Filing;
  expect(await admission([click], { probe: false, posts: true })).toEqual([null]);
});

const FACTS = {
  ...{ autoTicket: true, helpdeskFails: false, silences: [] },
  ...{ silent: new Set<string>(), suspect: new Set<string>() },
};
const filingOf = (id: string, surfaceId: string | null = null) =>
  ({ id, path: 'alert', request: { path: 'alert', source: id.split('-')[0], surfaceId, alertKey: id } }) as Filing;
const nothingSuppressed = async () => ({ of: () => ({ held: null, under: [] }) });

it('a filing that posts nothing is admitted without a slot of the storm window', async () => {
  const admission = createAdmission({
    facts: async () => FACTS,
    suppressionNow: nothingSuppressed,
    takeSlots: async () => ({ taken: new Set(), held: new Set() }),
  });
  expect(await admission([filingOf('a-x')], { probe: false, posts: false })).toEqual([null]);
  expect(await admission([filingOf('a-x')], { probe: false, posts: true })).toEqual([{ refused: 'storm' }]);
});

it('alerts that are refused for another reason take no slot from less severe ones of the same decision', async () => {
  const suspects = names('m', 6);
  const real = names('m-real', 2);
  const since = '2026-05-05T14:00:00Z';
  for (const id of suspects) await waiting({ [id]: ['P1', since] });
  for (const id of real) await waiting({ [id]: ['P2', since] });
  const admission = createAdmission({
    facts: async () => ({ ...FACTS, suspect: new Set(suspects) }),
    suppressionNow: nothingSuppressed,
    takeSlots: (source, ids, { refused }) => takeInOrder(source, ids, 3, refused),
  });
  const verdicts = await admission(
    [...suspects, ...real].map((id) => filingOf(id)),
    { probe: false, posts: true },
  );
  expect(verdicts).toEqual([...suspects.map(() => ({ refused: 'unstable_id' })), null, null]);
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
      return { taken: new Set(ids.slice(0, 1)), held: new Set(ids.slice(2)) };
    },
  });
  const filings = [filingOf('a-1'), filingOf('a-held', 'api'), filingOf('a-silent'), filingOf('a-suspect')];
  const more = [filingOf('a-2'), filingOf('a-busy'), filingOf('b-1')];
  expect(await admission([...filings, ...more], { probe: false, posts: true })).toEqual([
    null,
    { refused: 'maintenance' },
    { refused: 'silent' },
    { refused: 'unstable_id' },
    { refused: 'storm' },
    { later: true },
    null,
  ]);
  expect(slots).toEqual([
    ['a', ['a-1', 'a-2', 'a-busy']],
    ['b', ['b-1']],
  ]);
});

it('while the help desk fails only a probe is admitted', async () => {
  const admission = createAdmission({
    facts: async () => ({ ...FACTS, helpdeskFails: true }),
    suppressionNow: nothingSuppressed,
    takeSlots: async (_source, ids) => ({ taken: new Set(ids), held: new Set() }),
  });
  expect(await admission([filingOf('a-1')], { probe: false, posts: true })).toEqual([{ failed: 'held' }]);
  expect(await admission([filingOf('a-1')], { probe: true, posts: true })).toEqual([null]);
});
