import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSessions, type NewSession } from '../../src/identity/sessions.ts';
import { decryptWithToken, digestOf, encryptWithToken, newToken } from '../../src/identity/signedToken.ts';
import { registerSecrets } from '../../src/log/secretTexts.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
let sessions: ReturnType<typeof createSessions>;
beforeAll(async () => {
  database = await createTestDatabase();
  sessions = createSessions(database.pool, { idleMinutes: 60, maxHours: 2 });
});
afterAll(() => database.drop());

const ADA: NewSession = {
  issuer: 'https://id.example.com',
  subject: '4711',
  authenticatedAt: null,
  name: 'ada@example.com',
  role: 'admin',
  hint: 'the.id.token',
  grant: null,
  providerSession: null,
  replaces: null,
  address: '203.0.113.7',
  userAgent: 'x'.repeat(5_000),
};
const use = { use: true };
const rows = async (token: string) =>
  (await database.pool.query('select * from sessions where token_digest = $1', [digestOf(token)])).rows;

it('a session is found by its token only, with its remaining time', async () => {
  const { token, maxAgeMs } = await sessions.open(ADA);
  expect(maxAgeMs).toBe(7_200_000);
  const found = await sessions.find(token, use);
  expect(found).toEqual({
    id: expect.any(String),
    name: ADA.name,
    role: 'admin',
    remaining_ms: expect.any(Number),
    authenticated_ms: null,
    role_age_ms: null,
  });
  expect(found?.remaining_ms).toBeGreaterThan(3_590_000);
  expect(found?.remaining_ms).toBeLessThanOrEqual(3_600_000);
  for (const wrong of ['', found?.id ?? '', newToken(), digestOf(token).toString('base64url')]) {
    expect(await sessions.find(wrong, use)).toBeNull();
  }
});

it('use restarts the idle limit but not the maximum age', async () => {
  const { token } = await sessions.open(ADA);
  await database.pool.query(`update sessions set last_used_at = clock_timestamp() - interval '59 minutes'`);
  await sessions.find(token, { use: false });
  expect((await sessions.find(token, use))?.remaining_ms).toBeLessThan(60_000);
  expect((await sessions.find(token, use))?.remaining_ms).toBeGreaterThan(3_590_000);
  await database.pool.query(`update sessions set expires_at = clock_timestamp() + interval '10 minutes'`);
  expect((await sessions.find(token, use))?.remaining_ms).toBeLessThanOrEqual(600_000);
});

it('signing out returns the ID token to the holder of the session only', async () => {
  const { token } = await sessions.open(ADA);
  expect(await sessions.signOut(newToken())).toBeNull();
  expect(await sessions.signOut(token)).toMatchObject({ name: ADA.name, hint: 'the.id.token' });
  expect(await sessions.signOut(token)).toBeNull();
  expect(await sessions.find(token, use)).toBeNull();
});

it('an expired session cannot be revoked and is not listed', async () => {
  await database.pool.query('delete from sessions');
  const { token } = await sessions.open(ADA);
  const [row] = await rows(token);
  await database.pool.query(`update sessions set expires_at = clock_timestamp()`);
  expect(await sessions.revoke(row.id, 'olga')).toBe(false);
  expect(await sessions.list({ limit: 10 })).toEqual({ rows: [], next_cursor: null });
});

it('a long user agent is shortened, and a secret of the settings in it is masked as a whole', async () => {
  registerSecrets(['a-secret-in-a-user-agent']);
  const before = 'x'.repeat(290);
  const { token } = await sessions.open({ ...ADA, userAgent: `${before}a-secret-in-a-user-agent${'x'.repeat(5_000)}` });
  expect((await rows(token))[0].user_agent).toBe(`${before}[hidden]xx`);
});

it('all sessions of a person end however many there are, and each is notified', async () => {
  await database.pool.query('delete from sessions');
  const first = await sessions.open(ADA);
  await database.pool.query(
    `insert into sessions (id, token_digest, issuer, subject, name, role, expires_at)
     select lpad(n::text, 16, '0'), sha256(n::text::bytea), issuer, subject, name, role, expires_at
     from sessions, generate_series(1, 999) n`,
  );
  const notified = new Set<string>();
  const listener = await database.pool.connect();
  try {
    await listener.query('listen auto_ticketing_console');
    listener.on('notification', ({ payload = '' }) => {
      for (const id of (JSON.parse(payload) as { sessions: string[] }).sessions) notified.add(id);
    });
    expect(await sessions.revokePerson(ADA.name, 'olga')).toMatchObject({ ended: 1_000 });
    await expect.poll(() => notified.size).toBe(1_000);
  } finally {
    listener.release(true);
  }
  expect(await sessions.find(first.token, use)).toBeNull();
});

it('an encrypted text can be read only with its token and only if unchanged', () => {
  const token = newToken();
  const sealed = encryptWithToken(token, 'text');
  expect(decryptWithToken(token, sealed)).toBe('text');
  expect(decryptWithToken(newToken(), sealed)).toBeNull();
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(decryptWithToken(token, sealed)).toBeNull();
  expect(decryptWithToken(token, Buffer.alloc(3))).toBeNull();
});

it('people list and end their own sessions only', async () => {
  await database.pool.query('delete from sessions');
  const [first, second, other] = [
    await sessions.open(ADA),
    await sessions.open({ ...ADA, name: 'ada.new@example.com' }),
    await sessions.open({ ...ADA, issuer: 'https://other.example.com', name: 'olga@example.com' }),
  ];
  const idOf = async ({ token }: { token: string }) => (await sessions.find(token, use))?.id ?? '';
  const ofHolder = await idOf(first);
  const listed = (await sessions.list({ limit: 10, ofHolder })).rows.map(({ name }) => name);
  expect(listed).toEqual(['ada.new@example.com', 'ada@example.com']);
  expect(await sessions.revoke(await idOf(other), 'ada', { ofHolder })).toBe(false);
  expect(await sessions.revoke(await idOf(second), 'ada', { ofHolder })).toBe(true);
});

it('a name in the audit log belongs to one person, with issuer and subject', async () => {
  await sessions.open(ADA);
  await sessions.open({ ...ADA, subject: '4712' });
  const { rows } = await database.pool.query(
    `select distinct actor, issuer, subject from audit_log where action = 'console.session.signed_in'
       and actor like 'ada@example.com%' order by actor`,
  );
  expect(rows).toEqual([
    { actor: 'ada@example.com', issuer: ADA.issuer, subject: '4711' },
    { actor: 'ada@example.com (4712)', issuer: ADA.issuer, subject: '4712' },
  ]);
});
