import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { aConversation, aDesk, aPage, BASE, failure, MAILBOX, NOT_FOUND } from './fixtures.ts';

const MARKER = 'AT-9F3C2A71QZ';
const since = new Date('2026-11-22T02:30:00.500Z');
const listing = (rows: unknown[], page = {}) =>
  nock(BASE)
    .get('/api/conversations')
    .query(true)
    .reply(200, aPage('conversations', rows, page));

describe('finding a ticket by its marker', () => {
  test('searches the subject with a margin of time, in every mailbox, status and state', async () => {
    const scope = nock(BASE)
      .get('/api/conversations')
      .query({
        subject: MARKER,
        createdSince: '2026-11-21T02:30:00Z',
        sortField: 'number',
        sortOrder: 'desc',
        embed: 'tags',
        page: 1,
        pageSize: 50,
      })
      .reply(200, aPage('conversations', []));
    expect(await aDesk().desk.findByMarker(MARKER, since)).toEqual([]);
    expect(scope.isDone()).toBe(true);
  });

  test('finds moved, trashed and closed tickets, oldest first', async () => {
    listing([
      aConversation({ id: 415, state: 'deleted' }),
      aConversation({ id: 414, status: 'closed', tags: ['auto:status'] }),
      aConversation({ id: 413, mailboxId: 9 }),
      aConversation({ id: 412, tags: null }),
    ]);
    const found = await aDesk().desk.findByMarker(MARKER, since);
    expect(found.map(({ id, status, open, tags }) => [id, status, open, tags])).toEqual([
      [412, 'active', true, null],
      [413, 'gone', false, []],
      [414, 'closed', false, ['auto:status']],
      [415, 'gone', false, []],
    ]);
  });

  test('ignores rows whose subject does not contain the exact marker', async () => {
    listing([
      aConversation({ id: 1, subject: 'Something else' }),
      aConversation({ id: 2, subject: '[at-9f3c2a71qz] DOWN' }),
      aConversation({ id: 3, subject: null }),
      aConversation({ id: 4, subject: `Edited by hand [${MARKER}]` }),
      aConversation({ id: 5, subject: `[AT-0000000000] P1: Low disk, see [${MARKER}]` }),
    ]);
    expect((await aDesk().desk.findByMarker(MARKER, since)).map(({ id }) => id)).toEqual([4]);
  });

  test('reads all pages and returns a repeated row once', async () => {
    const page = (number: number, rows: unknown[]) =>
      nock(BASE)
        .get('/api/conversations')
        .query((query) => query.page === String(number))
        .reply(200, aPage('conversations', rows, { number, totalPages: 2 }));
    page(1, [aConversation({ id: 3 }), aConversation({ id: 2 })]);
    page(2, [aConversation({ id: 2 }), aConversation({ id: 1 })]);
    expect((await aDesk().desk.findByMarker(MARKER, since)).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test('fails when the list never ends', async () => {
    let next = 1000;
    const scope = nock(BASE).get('/api/conversations').query(true).times(20);
    scope.reply(200, () => aPage('conversations', [aConversation({ id: next--, subject: 'x' })], { totalPages: 900 }));
    expect(await failure(aDesk().desk.findByMarker(MARKER, since))).toMatchObject({ problem: 'unavailable' });
  });

  test.each([
    ['a page', '<html>Sign in</html>'],
    ['a list without rows', { page: { totalPages: 1 } }],
    ['a row without a state', aPage('conversations', [aConversation({ state: undefined })])],
    ['a row whose date is no date', aPage('conversations', [aConversation({ createdAt: 'soon' })])],
  ])('fails for %s', async (_, body) => {
    nock(BASE).get('/api/conversations').query(true).reply(200, body);
    const error = await failure(aDesk().desk.findByMarker(MARKER, since));
    expect(error).toMatchObject({ problem: 'unavailable', inDoubt: false, httpStatus: 200 });
  });
});

describe('finding open tickets by tags', () => {
  const tags = ['auto:status', 'auto:status:api-prod'];

  test('searches the more specific tag among the open tickets of the mailbox', async () => {
    const scope = nock(BASE)
      .get('/api/conversations')
      .query({
        mailboxId: MAILBOX,
        status: 'active,pending',
        state: 'published',
        embed: 'tags',
        tag: 'auto:status:api-prod',
        createdSince: '2026-11-22T02:30:00Z',
        sortField: 'number',
        sortOrder: 'desc',
        page: 1,
        pageSize: 50,
      })
      .reply(200, aPage('conversations', []));
    expect(await aDesk().desk.findOpenByTags(tags, since)).toEqual([]);
    expect(scope.isDone()).toBe(true);
  });

  test('checks every row again and returns the newest first', async () => {
    listing([
      aConversation({ id: 1, tags: ['Auto:Status', 'auto:status:api-prod', 'urgent'] }),
      aConversation({ id: 2, tags: ['auto:status:api-prod'] }),
      aConversation({ id: 3, tags, status: 'closed' }),
      aConversation({ id: 4, tags, state: 'deleted' }),
      aConversation({ id: 5, tags, mailboxId: 9 }),
      aConversation({ id: 6, tags, createdAt: '2026-11-22T02:30:00Z' }),
      aConversation({ id: 7, tags, status: 'pending' }),
    ]);
    expect((await aDesk().desk.findOpenByTags(tags, since)).map(({ id }) => id)).toEqual([7, 1]);
  });

  test('fails with tags_unavailable for a row without tags', async () => {
    listing([aConversation({ tags: null })]);
    expect(await failure(aDesk().desk.findOpenByTags(tags, since))).toMatchObject({ problem: 'tags_unavailable' });
  });
});

describe('one ticket', () => {
  const answering = (status: number, body: nock.Body) =>
    nock(BASE).get('/api/conversations/412').query({ embed: 'tags' }).reply(status, body);

  test('has its tags, its URL and its assignee', async () => {
    const assignee = { id: 2, type: 'user', firstName: 'Ada', lastName: 'L.', photoUrl: '', email: 'ada@example.com' };
    answering(200, aConversation({ status: 'pending', assignee, tags: ['auto:status', 'urgent'] }));
    expect(await aDesk().desk.get(412)).toEqual({
      id: 412,
      url: `${BASE}/conversation/412`,
      subject: '[AT-9F3C2A71QZ] DOWN: API (api-prod)',
      status: 'pending',
      open: true,
      tags: ['auto:status', 'urgent'],
      createdAt: new Date('2026-11-22T03:00:00Z'),
      updatedAt: new Date('2026-11-22T03:05:00Z'),
      assignee: 'Ada L.',
    });
  });

  test.each([
    ['closed', { status: 'closed' }, 'closed'],
    ['spam', { status: 'spam' }, 'spam'],
    ['a status of some module', { status: 'on-hold' }, 'closed'],
    ['trashed', { state: 'deleted' }, 'gone'],
    ['a draft', { state: 'draft' }, 'gone'],
    ['moved elsewhere', { mailboxId: 9 }, 'gone'],
  ])('is not open when it is %s', async (_, changes, status) => {
    answering(200, aConversation(changes));
    expect(await aDesk().desk.get(412)).toMatchObject({ status, open: false });
  });

  test('is gone when it was deleted permanently, without a warning', async () => {
    answering(404, NOT_FOUND);
    const { desk, warnings } = aDesk();
    expect(await desk.get(412)).toMatchObject({ id: 412, status: 'gone', open: false, tags: null });
    expect(warnings).toEqual([]);
  });

  test.each([404, 400, 410, 422])(
    'fails as the help desk does when a gateway answers %i in place of FreeScout',
    async (status) => {
      answering(status, { message: 'no route' });
      expect(await failure(aDesk().desk.get(412))).toMatchObject({ problem: 'unavailable', httpStatus: status });
    },
  );

  test.each([
    ['says nothing', { message: '' }],
    ['is a page', '<html>Page Not Found</html>'],
  ])('is not gone when the 404 %s, as without the API module', async (_, body) => {
    answering(404, body);
    expect(await failure(aDesk().desk.get(412))).toMatchObject({ problem: 'unavailable', httpStatus: 404 });
  });

  test('is not read from an answer about another ticket', async () => {
    answering(200, aConversation({ id: 413 }));
    expect(await failure(aDesk().desk.get(412))).toMatchObject({ problem: 'unavailable' });
  });
});

describe('all open tickets', () => {
  test('are read in a stable order, and every row is checked again', async () => {
    const scope = nock(BASE)
      .get('/api/conversations')
      .query({
        mailboxId: MAILBOX,
        status: 'active,pending',
        state: 'published',
        embed: 'tags',
        sortField: 'number',
        sortOrder: 'asc',
        page: 1,
        pageSize: 100,
      })
      .reply(200, aPage('conversations', [aConversation({ id: 1 }), aConversation({ id: 2, status: 'closed' })]));
    expect((await aDesk().desk.listOpen()).map(({ id }) => id)).toEqual([1]);
    expect(scope.isDone()).toBe(true);
  });

  test('are read by each status alone if the API module ignores a list of statuses, and no page of closed ones', async () => {
    const rows: Record<string, unknown[]> = {
      'active,pending': [aConversation({ id: 1, status: 'closed' }), aConversation({ id: 2 })],
      active: [aConversation({ id: 2 })],
      pending: [aConversation({ id: 3, status: 'pending' })],
    };
    const asked: string[] = [];
    nock(BASE)
      .get('/api/conversations')
      .query(true)
      .times(3)
      .reply(200, (uri) => {
        const status = new URL(uri, BASE).searchParams.get('status') ?? '';
        asked.push(status);
        return aPage('conversations', rows[status] ?? [], { totalPages: status.includes(',') ? 200 : 1 });
      });
    expect((await aDesk().desk.listOpen()).map(({ id }) => id)).toEqual([2, 3]);
    expect(asked).toEqual(['active,pending', 'active', 'pending']);
  });

  test('fail instead of being incomplete when the server repeats one page', async () => {
    for (const _ of [1, 2]) listing([aConversation({ id: 1 })], { totalPages: 9 });
    expect(await failure(aDesk().desk.listOpen())).toMatchObject({ problem: 'unavailable' });
  });
});
