import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { aDesk, aPage, BASE, failure, NOT_FOUND } from './fixtures.ts';

const mailboxes = (ids: number[], number = 1, totalPages = 1) =>
  nock(BASE)
    .get('/api/mailboxes')
    .query({ page: number, pageSize: 100 })
    .reply(
      200,
      aPage(
        'mailboxes',
        ids.map((id) => ({ id, name: 'x', email: `${id}@example.com` })),
        { number, totalPages },
      ),
    );
const tags = () => nock(BASE).get('/api/tags').query({ page: 1, pageSize: 1 });
const tagsAreOn = () => tags().reply(200, aPage('tags', []));

describe('preflight', () => {
  test('passes with key, mailbox on a later page, Tags module and author', async () => {
    mailboxes([1, 2], 1, 2);
    mailboxes([3], 2, 2);
    tagsAreOn();
    nock(BASE).get('/api/users/7').reply(200, { id: 7 });
    const { desk, calls } = aDesk();
    await desk.preflight();
    expect(calls).toEqual([['preflight', 'ok']]);
  });

  test('names the mailbox that is not listed', async () => {
    mailboxes([1, 2]);
    const error = await failure(aDesk().desk.preflight());
    expect(error).toMatchObject({ problem: 'mailbox_not_found', inDoubt: false });
    expect(error.message).toContain('no mailbox 3');
  });

  test('fails when the Tags module is off', async () => {
    mailboxes([3]);
    tags().reply(400, { message: 'Tags module is not installed or not activated', _embedded: { errors: [] } });
    expect(await failure(aDesk().desk.preflight())).toMatchObject({ problem: 'tags_unavailable' });
  });

  test('fails when the configured user does not exist', async () => {
    mailboxes([3]);
    tagsAreOn();
    nock(BASE).get('/api/users/7').reply(404, NOT_FOUND);
    const error = await failure(aDesk().desk.preflight());
    expect(error.problem).toBe('rejected');
    expect(error.message).toContain('FREESCOUT_USER_ID');
  });

  test.each([
    [401, { message: 'Not Authorized' }, 'unauthorized'],
    [403, { message: 'Untrusted Host: 10.0.0.1.' }, 'forbidden'],
    [404, '<html>Page Not Found</html>', 'unavailable'],
    [503, '', 'unavailable'],
  ])('reports %i as its problem', async (status, body, problem) => {
    nock(BASE).get('/api/mailboxes').query(true).reply(status, body);
    expect(await failure(aDesk().desk.preflight())).toMatchObject({ problem, httpStatus: status });
  });
});

describe('without its settings', () => {
  test.each([
    ['FREESCOUT_BASE_URL', { baseUrl: null }],
    ['FREESCOUT_API_KEY', { apiKey: null }],
    ['FREESCOUT_OPERATIONS_MAILBOX_ID', { operationsMailboxId: null }],
  ])('every operation fails because %s must be set, and nothing is logged', async (name, changes) => {
    const { desk, warnings } = aDesk(changes);
    const now = new Date();
    const failures = await Promise.all(
      [
        desk.create({ subject: 's', html: 'h' }),
        desk.findByMarker('AT-1', now),
        desk.findOpenByTags(['a'], now),
        desk.get(1),
        desk.listOpen(),
        desk.ensureTags(1, ['a']),
        desk.addNote(1, { marker: 'm', html: 'h' }),
        desk.hasNote(1, 'm'),
        desk.preflight(),
        desk.ticketsOf({ email: 'a@example.com', freescoutCustomerId: null }),
      ].map(failure),
    );
    for (const error of failures) {
      expect(error).toMatchObject({ problem: 'not_configured', retryable: false, inDoubt: false });
      expect(error.message).toContain(name);
    }
    expect(warnings).toEqual([]);
  });
});
