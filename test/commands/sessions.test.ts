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
  await database.pool.query('truncate sessions, person_names');
  for (const name of ['ada@example.com', 'olga@example.com', 'ada@example.com']) await openSession(name);
});

const sessions = () => createSessions(database.pool, { idleMinutes: 120, maxHours: 12 });
const openSession = (name: string, subject = `subject of ${name}`) =>
  sessions().open({
    issuer: 'https://id.example.com',
    subject,
    authenticatedAt: null,
    name,
    role: 'operator',
    hint: 'h',
    grant: null,
    providerSession: null,
    replaces: null,
    address: '203.0.113.7',
    userAgent: 'Firefox\u001b[31m 140',
  });
const command = (...args: string[]) => run(['sessions', ...args], { DATABASE_URL: database.url });
const activeSessions = async () => (await sessions().list({ limit: 200 })).rows;

async function newestId(): Promise<string> {
  const [newest] = await activeSessions();
  return newest?.id ?? '';
}

it('sessions list prints the newest first, without control characters', async () => {
  const { out } = await command('list');
  expect(out.map((line) => line.split(',')[0])).toEqual(['ada@example.com', 'olga@example.com', 'ada@example.com']);
  expect(out[0]).toMatch(
    /^ada@example\.com, operator, session [0-9a-f]{16}\n {2}since [\d-]{10} [\d:]{8} UTC, last used .* UTC, from 203\.0\.113\.7 Firefox \[31m 140$/,
  );
});

it('sessions list says so if nobody is signed in', async () => {
  await database.pool.query('truncate sessions');
  expect((await command('list')).out).toEqual(['Nobody is signed in.']);
});

it('sessions list --json prints all pages, without the tokens of the sessions', async () => {
  for (let n = 0; n < 205; n += 1) await openSession(`p${n}@example.com`);
  const text = (await command('list', '--json')).out.join('\n');
  expect(JSON.parse(text)).toHaveLength(208);
  expect(text).not.toMatch(/digest|hint|token/);
});

it('sessions revoke ends a session by its id and audits it', async () => {
  const id = await newestId();
  expect(await command('revoke', id)).toMatchObject({ out: ['1 session ended.'], failure: null });
  expect((await activeSessions()).map((session) => session.id)).not.toContain(id);
  const { rows } = await database.pool.query(
    "select payload, actor from audit_log where action like '%revoked' order by id desc limit 1",
  );
  expect(rows).toEqual([
    { payload: { session_id: id, name: 'ada@example.com', by: 'command line' }, actor: 'command line' },
  ]);
});

it('sessions revoke --person ends all sessions of a person', async () => {
  expect((await command('revoke', '--person', 'ada@example.com')).out).toEqual([
    'ada@example.com: subject subject of ada@example.com of https://id.example.com',
    '2 sessions ended.',
  ]);
  expect((await activeSessions()).map(({ name }) => name)).toEqual(['olga@example.com']);
});

it('sessions revoke --person finds a person by an earlier name and by subject, and nobody else', async () => {
  await openSession('ada.new@example.com', 'subject of ada@example.com');
  await openSession('ada@example.com', 'imposter');
  const names = async () => (await activeSessions()).map(({ name }) => name);
  expect(await names()).toContain('ada@example.com (imposter)');
  expect((await command('revoke', '--person', 'ada.new@example.com')).out.at(-1)).toBe('3 sessions ended.');
  expect(await names()).toEqual(['ada@example.com (imposter)', 'olga@example.com']);
  expect((await command('revoke', '--person', 'imposter')).out.at(-1)).toBe('1 session ended.');
});

it('sessions revoke --person finds a session of release 0.1.0 by its name', async () => {
  await database.pool.query('update sessions set issuer = null; delete from person_names');
  expect((await command('revoke', '--person', 'ada@example.com')).out).toEqual(['2 sessions ended.']);
});

it('sessions revoke --all ends every session', async () => {
  expect((await command('revoke', '--all')).out).toEqual(['3 sessions ended.']);
  expect(await activeSessions()).toEqual([]);
});

it('sessions revoke names unknown ids and ends the others', async () => {
  expect(await command('revoke', await newestId(), 'nothing')).toMatchObject({
    out: ['1 session ended.'],
    failure: 'There is no session nothing.',
  });
});
