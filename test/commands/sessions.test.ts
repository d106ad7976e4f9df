import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSessions } from '../../src/identity/sessions.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('delete from sessions');
  for (const name of ['ada@example.com', 'olga@example.com', 'ada@example.com']) await begin(name);
});

const sessions = () => createSessions(database.pool, { idleMinutes: 120, maxHours: 12 });
const begin = (name: string, userAgent = 'Firefox\u001b[31m 140') =>
  sessions().open({
    subject: name,
    name,
    role: 'operator',
    hint: 'h',
    replaces: null,
    address: '203.0.113.7',
    userAgent,
  });
const command = (...args: string[]) => run(['sessions', ...args], { DATABASE_URL: database.url });
const alive = async () => (await sessions().list({ limit: 200 })).rows;

it('lists who is signed in, newest first, with nothing that a terminal obeys', async () => {
  const { out } = await command('list');
  expect(out.map((line) => line.split(',')[0])).toEqual(['ada@example.com', 'olga@example.com', 'ada@example.com']);
  expect(out[0]).toMatch(
    /^ada@example\.com, operator, session [0-9a-f]{16}\n {2}since [\d-]{10} [\d:]{8} UTC, last used .* UTC, from 203\.0\.113\.7 Firefox \[31m 140$/,
  );
});

it('lists them as JSON, more than one page, and without what opens them', async () => {
  for (let n = 0; n < 205; n += 1) await begin(`p${n}@example.com`);
  const text = (await command('list', '--json')).out.join('\n');
  expect(JSON.parse(text)).toHaveLength(208);
  expect(text).not.toMatch(/digest|hint|token/);
});

it('ends one by its id, at once, and audits it', async () => {
  const [{ id } = { id: '' }] = await alive();
  expect(await command('revoke', id)).toMatchObject({ out: ['1 session ended.'], failure: null });
  expect((await alive()).map((session) => session.id)).not.toContain(id);
  const { rows } = await database.pool.query("select payload, actor from audit_log where action like '%revoked'");
  expect(rows).toEqual([
    { payload: { session_id: id, name: 'ada@example.com', by: 'command line' }, actor: 'command line' },
  ]);
});

it('ends all of one person, or all there are', async () => {
  expect((await command('revoke', '--person', 'ada@example.com')).out).toEqual(['2 sessions ended.']);
  expect((await alive()).map(({ name }) => name)).toEqual(['olga@example.com']);
  expect((await command('revoke', '--all')).out).toEqual(['1 session ended.']);
  expect((await command('list')).out).toEqual(['Nobody is signed in.']);
});

it('says which ids are none, and still ends the others', async () => {
  const [{ id } = { id: '' }] = await alive();
  expect(await command('revoke', id, 'nothing')).toMatchObject({
    out: ['1 session ended.'],
    failure: 'There is no session nothing.',
  });
});
