import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createProvider } from '../../src/identity/provider.ts';
import { createProviderLogout } from '../../src/identity/providerLogout.ts';
import { createSessionRoles } from '../../src/identity/sessionRoles.ts';
import { createSessions } from '../../src/identity/sessions.ts';
import type { Problem } from '../../src/lib/problem.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { type FakeProvider, foreignKey, startFakeProvider } from '../support/fakeProvider.ts';
import { SIGN_IN } from '../support/settings.ts';

const LIMITS = { idleMinutes: 60, maxHours: 2, roleCheckMinutes: 15, roleMaxMinutes: 240 };
const SECRET = 'client-secret-of-the-console';
const log = createLog({ level: 'silent' });

let database: TestDatabase;
let fake: FakeProvider;
const refused: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  fake = await startFakeProvider('console', SECRET);
});
afterAll(async () => {
  fake.stop();
  await database.drop();
});
beforeEach(async () => {
  refused.length = 0;
  await database.pool.query('delete from sessions');
});

function createLogout(now = () => performance.now()) {
  const { oidc } = readConfig({ ...SIGN_IN, OIDC_ISSUER_URL: fake.issuer, OIDC_CLIENT_SECRET: SECRET });
  if (oidc === null) throw new Error('there is no provider in these settings');
  return createProviderLogout({
    provider: createProvider({ oidc, publicUrl: 'https://console.example.com', log, now }),
    roles: createSessionRoles(database.pool, LIMITS),
    oidc,
    log,
    onOutcome: () => undefined,
    refused: (kind) => void refused.push(kind),
  });
}

const open = (subject: string, providerSession: string | null, issuer = fake.issuer) =>
  createSessions(database.pool, LIMITS).open({
    ...{ issuer, subject, name: `${subject}@example.com`, authenticatedAt: null, replaces: null },
    ...{ hint: 'the.id.token', grant: null, providerSession, address: '203.0.113.7', userAgent: 'Firefox' },
    role: 'admin',
  });
const alive = async () =>
  (
    await database.pool.query<{ who: string }>(
      `select subject || ' ' || coalesce(provider_session, '-') as who from sessions where ended_at is null order by 1`,
    )
  ).rows.map(({ who }) => who);
const now = () => Math.floor(Date.now() / 1000);
const result = (token: string, logout = createLogout()) =>
  logout(token, '203.0.113.7').then(
    ({ ended }) => `${ended} ended`,
    ({ code, message }: Problem) => `${code}: ${message}`,
  );

describe('whose sessions a sign-out at the provider ends', () => {
  beforeEach(async () => {
    await open('4711', 'one');
    await open('4711', 'two');
    await open('4711', null);
    await open('4712', 'three');
    await open('4711', 'one', 'https://other.example.com');
  });
  const others = ['4711 one', '4712 three'];

  it('without a session of the provider, all of the person at this provider end', async () => {
    expect(await result(fake.logoutToken())).toBe('3 ended');
    expect(await alive()).toEqual(others);
  });

  it('with a session of the provider, that one ends, and those of which no session of the provider is known', async () => {
    expect(await result(fake.logoutToken({ claims: { sid: 'one' } }))).toBe('2 ended');
    expect(await alive()).toEqual([others[0], '4711 two', others[1]]);
    expect(await result(fake.logoutToken({ claims: { sid: 'two', sub: undefined } }))).toBe('1 ended');
    expect(await alive()).toEqual(others);
  });

  it('a person without a session here is no error, and each end is audited under issuer and subject', async () => {
    expect(await result(fake.logoutToken({ claims: { sub: 'nobody' } }))).toBe('0 ended');
    await result(fake.logoutToken({ claims: { sid: 'three', sub: '4712' } }));
    const { rows } = await database.pool.query(
      "select actor, issuer, subject, payload from audit_log where action = 'console.session.ended' order by id desc limit 1",
    );
    expect(rows).toEqual([
      {
        ...{ actor: '4712@example.com', issuer: fake.issuer, subject: '4712' },
        payload: { session_id: expect.any(String), name: '4712@example.com', subject: '4712', reason: 'signed_out' },
      },
    ]);
  });

  it('a token counts once, so that it cannot end sessions that begin later', async () => {
    const token = fake.logoutToken();
    expect(await result(token)).toBe('3 ended');
    await open('4711', 'four');
    expect(await result(token)).toMatch(/^bad_request: .*used/);
    expect(await alive()).toContain('4711 four');
  });
});

describe('a logout token that is not valid', () => {
  it.each<[string, Parameters<FakeProvider['logoutToken']>[0]]>([
    ['a wrong key', { key: foreignKey }],
    ['no signature', { alg: 'none' }],
    ['a signature made with our own secret', { alg: 'HS256' }],
    ['the type of an access token', { typ: 'at+jwt' }],
    ['another issuer', { claims: { iss: 'https://id.example.com' } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['no audience', { claims: { aud: undefined } }],
    ['no time', { claims: { iat: undefined } }],
    ['a time long ago', { claims: { iat: now() - 4_000, exp: now() + 4_000 } }],
    ['a time in the future', { claims: { iat: now() + 400, exp: now() + 500 } }],
    ['an expiry in the past', { claims: { iat: now() - 300, exp: now() - 200 } }],
    ['no event', { claims: { events: undefined } }],
    ['another event', { claims: { events: { 'http://schemas.openid.net/event/other': {} } } }],
    ['an event that is no object', { claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': 1 } } }],
    ['a nonce, as an ID token has', { claims: { nonce: 'n' } }],
    ['neither subject nor session', { claims: { sub: undefined } }],
    ['a subject that is no text', { claims: { sub: 4711 } }],
    ['no id', { claims: { jti: undefined } }],
  ])('a logout token with %s ends nothing and is counted', async (_, defect) => {
    await open('4711', 'one');
    expect(await result(fake.logoutToken(defect))).toMatch(/^bad_request: The logout token is not valid/);
    expect([await alive(), refused]).toEqual([['4711 one'], ['bad_logout_token']]);
  });

  it.each(['', 'x', 'a.b.c', `${'a'.repeat(5_000)}.b.c`])(
    'the text %j is refused without asking the provider',
    async (text) => {
      fake.requests.length = 0;
      expect(await result(text)).toMatch(/^bad_request/);
      expect(fake.requests.filter(({ path }) => path === '/jwks')).toEqual([]);
    },
  );

  it('many tokens with invented keys cost one call to the provider, and so does its failure for five seconds', async () => {
    fake.requests.length = 0;
    const clock = { ms: 0 };
    const logout = createLogout(() => clock.ms);
    const calls = () => fake.requests.filter(({ path }) => path === '/jwks').length;
    const many = () =>
      Promise.all(Array.from({ length: 30 }, () => result(fake.logoutToken({ kid: 'unknown' }), logout)));
    await many();
    expect(calls()).toBe(1);

    fake.answers['/jwks'] = (_, response) => response.writeHead(503).end();
    try {
      const other = createLogout(() => clock.ms);
      fake.requests.length = 0;
      const answers = await Promise.all([result(fake.logoutToken(), other), result(fake.logoutToken(), other)]);
      expect(new Set(answers.map((text) => text.split(':')[0]))).toEqual(new Set(['identity_provider_unavailable']));
      await result(fake.logoutToken(), other);
      expect(calls()).toBe(1);
      delete fake.answers['/jwks'];
      clock.ms += 5_001;
      expect(await result(fake.logoutToken(), other)).toBe('0 ended');
    } finally {
      delete fake.answers['/jwks'];
    }
  });
});
