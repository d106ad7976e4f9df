import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { aConversation, aDesk, aPage, BASE, failure } from './fixtures.ts';

const customer = {
  id: 55,
  type: 'customer',
  firstName: 'Eve',
  lastName: null,
  photoUrl: '',
  email: 'Eve@customer.example',
};
const identity = { email: 'eve@customer.example', freescoutCustomerId: 55 };
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z');
const hers = (changes: Parameters<typeof aConversation>[0] = {}) =>
  aConversation({ subject: 'I cannot sign in', mailboxId: 1, customer, ...changes });

function answering(filter: Record<string, string>, open: unknown[], closed: unknown[] = []) {
  const about = (status: string) => (query: Record<string, unknown>) =>
    query.status === status && Object.entries(filter).every(([name, value]) => query[name] === value);
  nock(BASE).get('/api/conversations').query(about('active,pending')).reply(200, aPage('conversations', open));
  nock(BASE).get('/api/conversations').query(about('closed')).reply(200, aPage('conversations', closed));
}

test('published tickets of the customer are requested, open ones and those changed in the last 30 days', async () => {
  const asked: Record<string, unknown>[] = [];
  const remember = (query: Record<string, unknown>) => asked.push(query) > 0;
  nock(BASE).get('/api/conversations').query(remember).twice().reply(200, aPage('conversations', []));
  await aDesk({ supportMailboxId: 1 }).desk.ticketsOf(identity);
  const common = {
    customerId: '55',
    mailboxId: '1',
    state: 'published',
    embed: 'tags',
    sortOrder: 'desc',
    page: '1',
    pageSize: '50',
  };
  expect(asked).toContainEqual({ ...common, status: 'active,pending', sortField: 'createdAt' });
  expect(asked).toContainEqual({
    ...common,
    status: 'closed',
    sortField: 'updatedAt',
    updatedSince: expect.any(String),
  });
});

test('open tickets are listed newest first, and at most 20 that were closed within 30 days', async () => {
  const reordered = { subject: 'I can\u202enot\u200b sign in' };
  const open = [
    hers({ id: 1, createdAt: daysAgo(9) }),
    hers({ id: 2, status: 'pending', createdAt: daysAgo(2), ...reordered }),
  ];
  const closed = Array.from({ length: 22 }, (_, n) =>
    hers({ id: 100 + n, status: 'closed', closedAt: daysAgo(n + 1) }),
  );
  const old = hers({ id: 99, status: 'closed', closedAt: daysAgo(31), updatedAt: daysAgo(1) });
  answering({ customerId: '55' }, open, [...closed.reverse(), old, hers({ id: 98, status: 'spam' })]);
  const tickets = await aDesk().desk.ticketsOf(identity);
  expect(tickets.open.map(({ id, status }) => [id, status])).toEqual([
    [2, 'pending'],
    [1, 'active'],
  ]);
  expect(tickets.recent.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, n) => 100 + n));
  expect(tickets.open[0]).toMatchObject({ url: `${BASE}/conversation/2`, subject: 'I cannot sign in' });
});

test('an open ticket is listed although an old API module answers with hundreds of closed ones that are newer', async () => {
  const rows: Record<string, unknown[]> = {
    'active,pending': [hers({ id: 9, status: 'closed' })],
    active: [hers({ id: 1 })],
    pending: [hers({ id: 2, status: 'pending' })],
  };
  nock(BASE)
    .get('/api/conversations')
    .query(true)
    .times(4)
    .reply(200, (uri) => {
      const status = new URL(uri, BASE).searchParams.get('status') ?? '';
      return aPage('conversations', rows[status] ?? [], { totalPages: status.includes(',') ? 200 : 1 });
    });
  const { open } = await aDesk().desk.ticketsOf(identity);
  expect(open.map(({ id }) => id).toSorted()).toEqual([1, 2]);
});

describe('a ticket never appears', () => {
  test.each([
    ['tagged by Investigate', hers({ tags: ['auto:status', 'auto:status:api'] })],
    ['tagged by an alert', hers({ tags: ['auto:alert:status_poller'] })],
    ['with our marker in its subject', hers({ subject: 'Fwd: [AT-9F3C2A71QZ] P1: API' })],
    ['with our marker where tags are off', hers({ subject: '[AT-9F3C2A71QZ] P1: API', tags: null })],
    ['of another customer', hers({ customer: { ...customer, id: 56 } })],
    ['of nobody', hers({ customer: null })],
    ['in the operations mailbox', hers({ mailboxId: 3 })],
    ['in the trash', hers({ state: 'deleted' })],
    ['from the bot', hers({ customer: { ...customer, email: 'Console-Bot@example.com' } })],
  ])('%s, although FreeScout answers it', async (_, row) => {
    answering({ customerId: '55' }, [row, hers({ id: 7, tags: ['automatic', 'vip'] })]);
    expect((await aDesk().desk.ticketsOf(identity)).open.map(({ id }) => id)).toEqual([7]);
  });

  test('of another mailbox than the one set for support', async () => {
    answering({ mailboxId: '1' }, [hers({ id: 1 }), hers({ id: 2, mailboxId: 2 })]);
    const { open } = await aDesk({ supportMailboxId: 1 }).desk.ticketsOf(identity);
    expect(open.map(({ id }) => id)).toEqual([1]);
  });
});

describe('a customer without a FreeScout number', () => {
  const unnumbered = { email: 'eve@customer.example', freescoutCustomerId: null };
  const customers = (rows: unknown[]) =>
    nock(BASE)
      .get('/api/customers')
      .query({ email: 'eve@customer.example', page: 1, pageSize: 50 })
      .reply(200, aPage('customers', rows));

  test('is found by address and by number, each ticket once', async () => {
    const second = { ...customer, email: 'eve@private.example' };
    customers([
      { id: 54, _embedded: { emails: [{ id: 1, value: 'other@customer.example', type: 'work' }] } },
      { id: 55, _embedded: { emails: [{ id: 2, value: 'EVE@customer.example', type: 'work' }] } },
    ]);
    answering({ customerEmail: 'eve@customer.example' }, [hers({ id: 1 }), hers({ id: 9, customer: second })]);
    answering({ customerId: '55' }, [hers({ id: 1 }), hers({ id: 2, customer: second })]);
    const { open } = await aDesk().desk.ticketsOf(unnumbered);
    expect(open.map(({ id }) => id)).toEqual([2, 1]);
  });

  test('who is unknown to FreeScout has no tickets', async () => {
    customers([]);
    answering({ customerEmail: 'eve@customer.example' }, []);
    expect(await aDesk().desk.ticketsOf(unnumbered)).toEqual({ open: [], recent: [] });
  });
});

test('a failing FreeScout is logged once', async () => {
  nock(BASE).get('/api/conversations').query(true).twice().reply(503, '');
  const { desk, warnings } = aDesk();
  expect(await failure(desk.ticketsOf(identity))).toMatchObject({ problem: 'unavailable', httpStatus: 503 });
  expect(warnings.map(({ line }) => line)).toEqual(['freescout degraded: customer ticket list failed, HTTPError 503']);
});
