import { ResponseBodyError } from 'openid-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ReadClaims } from '../../src/identity/provider.ts';
import { createRoleChecks } from '../../src/identity/roleChecks.ts';
import { createSessionRoles } from '../../src/identity/sessionRoles.ts';
import { createSessions } from '../../src/identity/sessions.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

const ISSUER = 'https://id.example.com';
const LIMITS = { idleMinutes: 60, maxHours: 12, roleCheckMinutes: 15, roleMaxMinutes: 240 };
const ROLE_MAP = [
  { group: 'sre', role: 'admin' },
  { group: 'everyone', role: 'viewer' },
] as const;
type Answer = () => Promise<ReadClaims>;
const groups =
  (...roles: string[]): Answer =>
  async () => ({ claims: { roles }, grant: null });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('delete from sessions'));

const use = { use: true };
const set = (change: string) => database.pool.query(`update sessions set ${change}`);
/** The role was confirmed so many minutes ago, and nobody has asked since. */
const age = (minutes: number) =>
  set(`role_confirmed_at = clock_timestamp() - interval '${minutes} minutes', role_asked_at = null`);

/** A process, and the answers of its provider. Its requests wait for them however busy the machine is. */
function start(limits = LIMITS, waitMs = WAIT_TIMEOUT_MS) {
  const clock = { ms: 0 };
  const grants: string[] = [];
  const lines: string[] = [];
  const outcomes: string[] = [];
  const provider = { answer: groups('sre') };
  const sessions = createSessions(database.pool, limits);
  const checks = createRoleChecks({
    ...{ sessions, roles: createSessionRoles(database.pool, limits), limits },
    provider: {
      readAgain(grant) {
        grants.push(grant);
        return provider.answer();
      },
    },
    oidc: { issuerUrl: ISSUER, roleClaim: 'roles', roleMap: [...ROLE_MAP] },
    log: createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }),
    onOutcome: (outcome) => outcomes.push(outcome),
    now: () => clock.ms,
    waitMs,
  });
  const role = async (token: string) => (await checks.find(token, use))?.role ?? null;
  return { clock, grants, lines, outcomes, provider, sessions, role };
}

const open = ({ sessions }: ReturnType<typeof start>, grant: string | null = 'first', subject = '4711') =>
  sessions.open({
    ...{ issuer: ISSUER, subject, name: `${subject}@example.com`, authenticatedAt: null },
    ...{ hint: 'h', grant, providerSession: null, replaces: null, address: '203.0.113.7', userAgent: 'Firefox' },
    role: 'admin',
  });

it('a role is read again once it is older than the interval, with the refresh token that came last', async () => {
  const one = start();
  const { token } = await open(one);
  await age(14);
  expect([await one.role(token), one.grants]).toEqual(['admin', []]);
  await age(15);
  one.provider.answer = async () => ({ claims: { roles: ['sre'] }, grant: 'second' });
  expect(await one.role(token)).toBe('admin');
  expect(await one.role(token)).toBe('admin');
  expect(one.grants).toEqual(['first']);
  await age(16);
  await one.role(token);
  expect([one.grants, one.outcomes]).toEqual([
    ['first', 'second'],
    ['confirmed', 'confirmed'],
  ]);
});

it('a role that was taken away ends in all sessions of the person, and is audited under issuer and subject', async () => {
  const one = start();
  const [{ token }, other] = [await open(one, 'a', 'demoted'), await open(one, null, 'demoted')];
  const olga = await open(one, 'b', 'olga');
  await age(16);
  await set('role_confirmed_at = clock_timestamp() where provider_grant is null');
  one.provider.answer = groups('everyone', 'sales');
  expect([await one.role(token), await one.role(other.token)]).toEqual(['viewer', 'viewer']);
  const { rows } = await database.pool.query(
    "select actor, issuer, subject, payload->>'from' as before, payload->>'to' as after from audit_log where action = 'console.session.role_changed' and subject = 'demoted'",
  );
  const person = { actor: 'demoted@example.com', issuer: ISSUER, subject: 'demoted' };
  const row = { ...person, before: 'admin', after: 'viewer' };
  expect(rows).toEqual([row, row]);
  one.provider.answer = groups('sre');
  expect(await one.role(olga.token)).toBe('admin');
});

it('a person without any role has no session any more, in any browser', async () => {
  const one = start();
  const [{ token }, other] = [await open(one), await open(one, null)];
  await age(16);
  one.provider.answer = groups('sales');
  expect([await one.role(token), await one.role(other.token), one.outcomes]).toEqual([null, null, ['ended']]);
  const { rows } = await database.pool.query('select provider_grant from sessions where provider_grant is not null');
  expect(rows).toEqual([]);
});

it.each(['invalid_grant', 'interaction_required'])(
  'a session ends where the provider refuses its refresh token with %s',
  async (code) => {
    const one = start();
    const [{ token }, other] = [await open(one), await open(one)];
    await age(16);
    one.provider.answer = () => Promise.reject(refusal(code));
    expect(await one.role(token)).toBeNull();
    one.provider.answer = groups('sre');
    expect(await one.role(other.token)).toBe('admin');
  },
);

it('while the provider is away a role counts up to its maximum age, with one warning a minute', async () => {
  const one = start();
  const { token } = await open(one);
  await age(239);
  one.provider.answer = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  expect([await one.role(token), await one.role(token), one.grants.length]).toEqual(['admin', 'admin', 1]);
  await age(241);
  expect([await one.role(token), one.grants.length]).toEqual([null, 1]);
  one.clock.ms += 5_001;
  expect([await one.role(token), one.grants.length]).toEqual([null, 2]);
  expect(one.lines.filter((line) => line.includes('"WARNING"'))).toEqual([
    expect.stringContaining('roles could not be read again'),
  ]);
  expect(one.lines.join('')).toContain('ECONNREFUSED');

  one.provider.answer = groups('sre');
  one.clock.ms += 5_001;
  await set('role_asked_at = null');
  expect([await one.role(token), one.outcomes]).toEqual(['admin', ['failed', 'failed', 'confirmed']]);
});

it('a refresh token that was replaced is kept although the role could not be read, which stays as old as it is', async () => {
  const one = start();
  const { token } = await open(one);
  await age(239);
  one.provider.answer = async () => ({ error: new Error('no user info'), grant: 'second' });
  expect(await one.role(token)).toBe('admin');
  one.clock.ms += 5_001;
  await set("role_asked_at = null, role_confirmed_at = role_confirmed_at - interval '2 minutes'");
  one.provider.answer = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  expect(await one.role(token)).toBeNull();
  one.clock.ms += 5_001;
  await set('role_asked_at = null');
  one.provider.answer = groups('sre');
  expect(await one.role(token)).toBe('admin');
  expect([one.grants, one.outcomes]).toEqual([
    ['first', 'second', 'second'],
    ['failed', 'failed', 'confirmed'],
  ]);
});

it('a client secret that the provider refuses signs nobody out', async () => {
  const one = start();
  const { token } = await open(one);
  await age(16);
  one.provider.answer = () => Promise.reject(refusal('invalid_client'));
  expect(await one.role(token)).toBe('admin');
});

it('one refresh token is used once, by many requests at once in two processes', async () => {
  const [one, two] = [start(), start()];
  const { token } = await open(one);
  await age(16);
  const finding = [one, two, one, two].map(({ role }) => role(token));
  expect(await Promise.all(finding)).toEqual(['admin', 'admin', 'admin', 'admin']);
  expect([...one.grants, ...two.grants]).toEqual(['first']);
});

it('a process that saw the age of a role before another one confirmed it does not ask again', async () => {
  const one = start();
  const { token } = await open(one);
  await age(16);
  expect(await one.role(token)).toBe('admin');
  expect(await createSessionRoles(database.pool, LIMITS).takeTurn(token, ISSUER)).toBeNull();
});

it('a request does not wait for a slow provider, whose answer counts for the next one', async () => {
  const one = start(LIMITS, 10);
  const { token } = await open(one);
  await age(16);
  let answer: (roles: string[]) => void = () => undefined;
  one.provider.answer = () =>
    new Promise((resolve) => (answer = (roles) => resolve({ claims: { roles }, grant: null })));
  expect(await one.role(token)).toBe('admin');
  await expect.poll(() => one.grants).toEqual(['first']);
  answer(['everyone']);
  await expect.poll(() => one.outcomes).toEqual(['changed']);
  expect(await one.role(token)).toBe('viewer');
});

it('without a refresh token, or with 0 as the interval, a role lasts as long as its session', async () => {
  const [one, off] = [start(), start({ ...LIMITS, roleCheckMinutes: 0 })];
  const [without, { token }] = [await open(one, null), await open(one)];
  await age(700);
  expect([await one.role(without.token), await off.role(token)]).toEqual(['admin', 'admin']);
  expect([...one.grants, ...off.grants]).toEqual([]);
});

it('a role is read again after the clock of the database was set back', async () => {
  const one = start();
  const { token } = await open(one);
  await set(
    "role_confirmed_at = clock_timestamp() + interval '3 hours', role_asked_at = clock_timestamp() + interval '3 hours'",
  );
  one.provider.answer = groups('everyone');
  expect(await one.role(token)).toBe('viewer');
});

it('a refresh token of an earlier provider is not sent to another one, and its role counts up to the maximum age', async () => {
  const one = start();
  const { token } = await open(one);
  await set("issuer = 'https://earlier.example.com'");
  await age(16);
  expect([await one.role(token), one.grants]).toEqual(['admin', []]);
  await age(241);
  expect([await one.role(token), one.grants]).toEqual([null, []]);
});

it('the refresh token is stored encrypted with a key that only the browser has', async () => {
  await open(start(), 'a-refresh-token');
  const { rows } = await database.pool.query('select sessions::text as row, provider_grant from sessions');
  expect(rows[0].provider_grant.toString('latin1')).not.toContain('a-refresh-token');
  expect(rows[0].row).not.toContain(Buffer.from('a-refresh-token').toString('hex'));
});

const refusal = (error: string) =>
  new ResponseBodyError('refused', { cause: { error }, response: new Response(null, { status: 400 }) });
