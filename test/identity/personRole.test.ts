import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Role } from '../../src/config/config.ts';
import { createSessions, type NewSession } from '../../src/identity/sessions.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

const LIMITS = { idleMinutes: 60, maxHours: 12 };
const ISSUER = 'https://id.example.com';

let database: TestDatabase;
let sessions: ReturnType<typeof createSessions>;
beforeAll(async () => {
  database = await createTestDatabase();
  sessions = createSessions(database.pool, LIMITS);
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('delete from sessions'));

const open = (subject: string, role: Role, more: Partial<NewSession> = {}) =>
  sessions.open({
    ...{ issuer: ISSUER, subject, name: `${subject}@example.com`, role, authenticatedAt: null, hint: 'h', grant: null },
    ...{ providerSession: null, replaces: null, address: '203.0.113.7', userAgent: 'Firefox', ...more },
  });
const roleOf = async ({ token }: { token: string }) => (await sessions.find(token, { use: true }))?.role ?? null;
const changes = async (subject: string) =>
  (
    await database.pool.query(
      `select actor, payload->>'session_id' as id, payload->>'from' as before, payload->>'to' as after from audit_log
       where action = 'console.session.role_changed' and subject = $1 order by payload->>'session_id'`,
      [subject],
    )
  ).rows;

it('the role of a sign-in counts in all other sessions of the person, and each change is audited', async () => {
  const earlier = [await open('ada', 'admin'), await open('ada', 'admin')];
  const ids = (await sessions.list({ limit: 10 })).rows.map(({ id }) => id).toSorted();
  const latest = await open('ada', 'viewer');
  expect(await Promise.all([...earlier, latest].map(roleOf))).toEqual(['viewer', 'viewer', 'viewer']);
  const row = { actor: 'ada@example.com', before: 'admin', after: 'viewer' };
  expect(await changes('ada')).toEqual(ids.map((id) => ({ ...row, id })));
});

it('a sign-in changes no role of another person, or of a person of another provider', async () => {
  const olga = await open('olga', 'admin');
  const other = await open('iris', 'admin', { issuer: 'https://other.example.com', name: 'iris.other@example.com' });
  await open('iris', 'viewer');
  expect([await roleOf(olga), await roleOf(other)]).toEqual(['admin', 'admin']);
  expect(await changes('iris')).toEqual([]);
});

it('a session of release 0.1.0, which has no issuer, gets the role of a sign-in as well', async () => {
  const old = await open('old', 'admin');
  await database.pool.query('update sessions set issuer = null');
  await open('old', 'viewer');
  expect(await roleOf(old)).toBe('viewer');
});

it('a session that is replaced by a sign-in keeps its role until it ends', async () => {
  const [own, foreign] = [await open('rita', 'admin'), await open('sam', 'admin')];
  await open('rita', 'viewer', { replaces: own.token });
  await open('rita', 'viewer', { replaces: foreign.token });
  expect([await roleOf(own), await roleOf(foreign)]).toEqual([null, null]);
  expect([await changes('rita'), await changes('sam')]).toEqual([[], []]);
});

it('after many sign-ins of a person at once all sessions have one role, that of the last one', async () => {
  const roles: Role[] = ['admin', 'viewer', 'operator', 'viewer', 'admin', 'viewer', 'operator', 'admin'];
  const opened = await Promise.all(roles.map((role) => open('many', role)));
  expect(new Set(await Promise.all(opened.map(roleOf))).size).toBe(1);
});

it('two people who sign in at once, each in the browser of the other, do not wait for each other', async () => {
  for (let n = 0; n < 5; n += 1) {
    const [ann, bob] = await Promise.all([open('ann', 'admin'), open('bob', 'admin')]);
    const swapped = [open('ann', 'viewer', { replaces: bob.token }), open('bob', 'viewer', { replaces: ann.token })];
    expect(await Promise.all((await Promise.all(swapped)).map(roleOf))).toEqual(['viewer', 'viewer']);
  }
});
