import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FilingRequest } from '../../machines/asks.ts';
import { createLog } from '../../src/log.ts';
import { type Admission, createFilingProtocol } from '../../src/tickets/filing.ts';
import { createFilingStore, newMarker, recordIntents, recordWithdrawals } from '../../src/tickets/filingStore.ts';
import { type HelpDesk, type NewTicket, type Ticket, TicketError } from '../../src/tickets/port.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** The protocol alone, on a real database, with a help desk in memory that fails as told. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let tickets: Ticket[] = [];
let posts = 0;
let lastId = 0;
beforeEach(() => {
  tickets = [];
  posts = 0;
});

const url = (id: number) => `https://desk.example.com/conversation/${id}`;
const lost = () => new TicketError('unavailable', 'no answer', { inDoubt: true, code: 'ETIMEDOUT' });

function stands({ subject }: Pick<NewTicket, 'subject'>, changes: Partial<Ticket> = {}): Ticket {
  const id = ++lastId;
  const at = new Date();
  const ticket: Ticket = { id, url: url(id), subject, status: 'active', open: true, tags: [], createdAt: at, updatedAt: at, assignee: null, ...changes };
  tickets.push(ticket);
  return ticket;
}

const desk: HelpDesk = {
  async create(ticket) {
    posts += 1;
    return stands(ticket);
  },
  findByMarker: async (marker) => tickets.filter(({ subject }) => subject.includes(marker)).toSorted((a, b) => a.id - b.id),
  findOpenByTags: async () => tickets.filter(({ open }) => open),
  async get(id) {
    const found = tickets.find((ticket) => ticket.id === id);
    if (!found) throw new TicketError('not_found', 'gone');
    return found;
  },
  listOpen: async () => tickets,
  ensureTags: async () => undefined,
  addNote: async () => undefined,
  url,
  preflight: async () => undefined,
};

const protocol = (changes: Partial<HelpDesk> = {}, admission: Admission = async () => null) =>
  createFilingProtocol({
    store: createFilingStore(database.pool),
    desk: { ...desk, ...changes },
    admission,
    deskFails: async () => false,
    settings: { timeoutMs: 2_000, inDoubtSeconds: 60 },
    consoleUrl: 'https://console.example.com',
    log: createLog({ level: 'silent' }),
  });

const now = { probe: false, signal: new AbortController().signal };
let filings = 0;

async function intends(path: 'investigate' | 'alert', deadlineInMs: number | null = null): Promise<string> {
  const filingId = `filing-${++filings}`;
  const click: FilingRequest = { path: 'investigate', surfaceId: filingId, surfaceName: 'API', status: 'DOWN', since: null, by: 'olga' };
  const alert: FilingRequest = {
    path: 'alert', alertKey: filingId, source: 'prom', severity: 'P1', title: 'Trouble', details: null, url: null,
    surfaceId: null, surfaceName: null, since: new Date().toISOString(),
  };
  const deadlineAt = deadlineInMs === null ? null : new Date(Date.now() + deadlineInMs).toISOString();
  const request = path === 'alert' ? alert : click;
  await recordIntents(database.pool, [{ filingId, subjectKey: filingId, source: 'prom', deadlineAt, request, actorId: 'x:y' }]);
  return filingId;
}

const rowOf = async (id: string) =>
  (await database.pool.query('select phase, attempts, ticket_id from filings where id = $1', [id])).rows[0];
const attemptedAgo = (id: string, seconds: number) =>
  database.pool.query("update filings set attempted_at = clock_timestamp() - $2 * interval '1 second' where id = $1", [id, seconds]);

test('markers are ten letters and digits and never the same', () => {
  const markers = Array.from({ length: 1_000 }, newMarker);
  expect(new Set(markers).size).toBe(1_000);
  for (const marker of markers) expect(marker).toMatch(/^AT-[0-9A-HJKMNP-TV-Z]{10}$/);
});

test('run by ten processes at once, one filing posts once', async () => {
  const id = await intends('alert');
  const results = await Promise.all(Array.from({ length: 10 }, () => protocol().file(id, now)));
  expect(posts).toBe(1);
  expect(results.filter(({ outcome }) => outcome === 'filed').length).toBeGreaterThanOrEqual(1);
  expect(new Set(results.map(({ outcome }) => outcome))).toSatisfy((seen: Set<string>) => !seen.has('refused') && !seen.has('failed'));
  expect(await rowOf(id)).toMatchObject({ phase: 'tagged', attempts: 1 });
});

test('run again after it is done, it answers the same and posts nothing', async () => {
  const id = await intends('alert');
  const first = await protocol().file(id, now);
  expect(await protocol().file(id, now)).toStrictEqual(first);
  expect(posts).toBe(1);
});

test('withdrawn while it is being weighed, it posts nothing', async () => {
  const id = await intends('alert');
  const withdrawing: Admission = async () => {
    await recordWithdrawals(database.pool, [id]);
    return null;
  };
  expect(await protocol({}, withdrawing).file(id, now)).toStrictEqual({ outcome: 'refused', reason: 'withdrawn' });
  expect(posts).toBe(0);
});

test('past its deadline, a click posts nothing and is over', async () => {
  const id = await intends('investigate', -1);
  expect(await protocol().file(id, now)).toMatchObject({ outcome: 'failed' });
  expect(posts).toBe(0);
  expect(await rowOf(id)).toMatchObject({ phase: 'withdrawn', attempts: 0 });
});

test('of twins with its marker the eldest counts', async () => {
  const twice = async (ticket: NewTicket) => {
    stands(ticket);
    stands(ticket);
    throw lost();
  };
  const id = await intends('alert');
  expect(await protocol({ create: twice }).file(id, now)).toMatchObject({ outcome: 'filed', ticket: { id: tickets[0]?.id } });
  expect(tickets).toHaveLength(2);
});

test('a lost ticket that a person has closed or trashed meanwhile is still the one that was filed', async () => {
  const closed = async (ticket: NewTicket) => {
    stands(ticket, { status: 'gone', open: false });
    throw lost();
  };
  const id = await intends('alert');
  expect(await protocol({ create: closed }).file(id, now)).toMatchObject({ outcome: 'filed', created: true });
});

test('an adopted ticket is not taken for a new one by whoever comes after a crash', async () => {
  const id = await intends('investigate', 14_000);
  stands({ subject: '[AT-0000000000] DOWN: API (api)' });
  expect(await protocol().file(id, now)).toMatchObject({ outcome: 'filed', created: false });
  expect(await protocol().file(id, now)).toMatchObject({ outcome: 'filed', created: false });
  expect(posts).toBe(0);
});

test('a request that certainly never left is not in doubt', async () => {
  const refused = async () => {
    throw new TicketError('unavailable', 'refused', { code: 'ECONNREFUSED' });
  };
  const id = await intends('alert');
  expect(await protocol({ create: refused }).file(id, now)).toStrictEqual({ outcome: 'failed', problem: 'unavailable', own: false });
  expect(await rowOf(id)).toMatchObject({ phase: 'planned', attempts: 1 });
});

describe('an attempt in doubt', () => {
  const losing = { create: async () => Promise.reject(lost()) };
  const blind = { findByMarker: async () => Promise.reject(new TicketError('unavailable', 'down')) };

  async function inDoubt(path: 'alert' | 'investigate'): Promise<string> {
    const id = await intends(path, path === 'investigate' ? 2_000 : null);
    expect(await protocol(path === 'alert' ? { ...losing, ...blind } : losing).file(id, now)).toStrictEqual({ outcome: 'doubt' });
    return id;
  }

  test('is looked for at about 2, 5, 15 and 60 s, and is not over before', async () => {
    const id = await inDoubt('alert');
    for (const [ago, next] of [[0, 2], [2, 5], [5, 15], [15, 60]] as const) {
      await attemptedAgo(id, ago);
      const again = await protocol().settle(id, now.signal);
      const inMs = 'inMs' in again ? again.inMs : Number.NaN;
      expect(inMs / 1_000).toBeGreaterThan(Math.max(0, next - ago - 5));
      expect(inMs / 1_000).toBeLessThan(next - ago + 0.5);
    }
    expect(await rowOf(id)).toMatchObject({ phase: 'attempting', attempts: 1 });
  });

  test('of an alert is planned again when it is over', async () => {
    const id = await inDoubt('alert');
    await attemptedAgo(id, 61);
    expect(await protocol().settle(id, now.signal)).toMatchObject({ outcome: 'failed' });
    expect(await rowOf(id)).toMatchObject({ phase: 'planned' });
  });

  test('of an alert that nobody wants any more is over for good', async () => {
    const id = await inDoubt('alert');
    await recordWithdrawals(database.pool, [id]);
    await attemptedAgo(id, 61);
    await protocol().settle(id, now.signal);
    expect(await rowOf(id)).toMatchObject({ phase: 'withdrawn' });
  });

  test('of a click is never posted again', async () => {
    const id = await inDoubt('investigate');
    await attemptedAgo(id, 61);
    await protocol().settle(id, now.signal);
    expect(await rowOf(id)).toMatchObject({ phase: 'withdrawn' });
    expect(await protocol().file(id, now)).toStrictEqual({ outcome: 'refused', reason: 'withdrawn' });
    expect(posts).toBe(0);
  });

  test('is not over while nobody can look', async () => {
    const id = await inDoubt('alert');
    await attemptedAgo(id, 600);
    expect(await protocol(blind).settle(id, now.signal)).toHaveProperty('inMs');
    expect(await rowOf(id)).toMatchObject({ phase: 'attempting' });
  });
});
