import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { aConversation, aDesk, aPage, BASE, failure, NOT_FOUND, refused } from './fixtures.ts';

const note = { marker: 'note-17', html: '<p>Operational again.</p>' };
const text = '<!-- note-17 --><p>Operational again.</p>';
const posting = (body?: nock.RequestBodyMatcher) => nock(BASE).post('/api/conversations/412/threads', body);
const threads = (bodies: (string | null)[]) =>
  nock(BASE)
    .get('/api/conversations/412')
    .query({ embed: 'threads' })
    .reply(200, aConversation({ _embedded: { threads: bodies.map((body, id) => ({ id, type: 'note', body })) } }));

test('a note contains its marker, is written by the configured user, sends no mail and changes no status', async () => {
  const scope = posting({ type: 'note', text, user: 7, imported: true }).reply(
    201,
    { id: 90 },
    { 'Resource-ID': '90' },
  );
  await aDesk().desk.addNote(412, note);
  expect(scope.isDone()).toBe(true);
});

test('a note is found by its marker among the threads of its ticket', async () => {
  threads(['<p>Ticket.</p>', text]);
  const { desk, calls } = aDesk();
  expect(await desk.hasNote(412, note.marker)).toBe(true);
  expect(calls).toEqual([['hasNote', 'ok']]);
});

test('a note with a longer marker is another note', async () => {
  threads(['<p>Ticket.</p>', null, '<!-- note-170 -->']);
  expect(await aDesk().desk.hasNote(412, note.marker)).toBe(false);
});

test('an answer without threads does not show whether the note exists', async () => {
  nock(BASE)
    .get('/api/conversations/412')
    .query(true)
    .reply(200, aConversation({ _embedded: [] }));
  const error = await failure(aDesk().desk.hasNote(412, note.marker));
  expect(error).toMatchObject({ problem: 'unavailable', inDoubt: false });
});

describe('without FREESCOUT_USER_ID', () => {
  const users = (rows: unknown[]) =>
    nock(BASE).get('/api/users').query({ page: 1, pageSize: 1 }).reply(200, aPage('users', rows));

  test('the author is the first user that the API lists, read once', async () => {
    users([{ id: 1, email: 'admin@example.com' }]);
    const scope = nock(BASE).post('/api/conversations/412/threads', { type: 'note', text, user: 1, imported: true });
    scope.twice().reply(201, { id: 90 });
    const { desk } = aDesk({ userId: null });
    await desk.addNote(412, note);
    await desk.addNote(412, note);
    expect(nock.isDone()).toBe(true);
  });

  test('the author is read again after it was deleted, and the note is worth another try', async () => {
    users([{ id: 1 }]);
    posting().reply(400, refused('user', 'User not found'));
    users([{ id: 2 }]);
    posting({ type: 'note', text, user: 2, imported: true }).reply(201, { id: 91 });
    const { desk } = aDesk({ userId: null });
    expect(await failure(desk.addNote(412, note))).toMatchObject({ problem: 'unavailable', inDoubt: false });
    await desk.addNote(412, note);
    expect(nock.isDone()).toBe(true);
  });

  test('a note waits while there is no user at all', async () => {
    users([]);
    expect(await failure(aDesk({ userId: null }).desk.addNote(412, note))).toMatchObject({
      problem: 'unavailable',
      inDoubt: false,
      message: expect.stringContaining('lists no user'),
    });
  });
});

test('a note waits while FREESCOUT_USER_ID names no user, and the error names the setting', async () => {
  posting().reply(400, refused('user', 'User not found'));
  expect(await failure(aDesk().desk.addNote(412, note))).toMatchObject({
    problem: 'unavailable',
    inDoubt: false,
    message: expect.stringContaining('FREESCOUT_USER_ID'),
  });
});

test('a note whose text FreeScout does not accept is rejected', async () => {
  posting().reply(400, refused('text', '`text` parameter is required'));
  expect(await failure(aDesk().desk.addNote(412, note))).toMatchObject({ problem: 'rejected', inDoubt: false });
});

test('a note that is refused for a reason other than its fields may exist', async () => {
  posting().reply(400, refused('status', 'Error occurred'));
  expect(await failure(aDesk().desk.addNote(412, note))).toMatchObject({ problem: 'rejected', inDoubt: true });
});

test.each([
  [500, { message: 'Server Error' }, 'unavailable', true],
  [200, '<html>Sign in</html>', 'unavailable', true],
  [201, {}, 'unavailable', true],
  [404, NOT_FOUND, 'not_found', false],
  [404, { message: '' }, 'unavailable', false],
  [401, { message: 'Not Authorized' }, 'unauthorized', false],
  [413, '', 'rejected', false],
])('%i %j means %s, in doubt: %s', async (status, body, problem, inDoubt) => {
  posting().reply(status, body);
  expect(await failure(aDesk().desk.addNote(412, note))).toMatchObject({ problem, inDoubt });
});

test('the marker cannot end the HTML comment', async () => {
  let sent = '';
  posting((body) => {
    sent = body.text;
    return true;
  }).reply(201, { id: 90 });
  await aDesk().desk.addNote(412, { ...note, marker: 'x--><script>', html: '' });
  expect(sent).toBe('<!-- x-__script_ -->');
});
