import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CookieClient,
  createCookieClient,
  SESSION,
  signIn,
  signInAtProvider,
} from '../../support/cookieClient.ts';
import { type FakeProvider, foreignKey, startFakeProvider } from '../../support/fakeProvider.ts';
import { CLIENT } from '../../support/identityProvider.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../../support/signInEnvironment.ts';

let house: SignInEnvironment;
let liar: FakeProvider;
let deceived: SignInEnvironment;
beforeAll(async () => {
  liar = await startFakeProvider(CLIENT.id, CLIENT.secret);
  // Each test comes from an address of its own, so that one's failures are not the other's.
  [house, deceived] = await Promise.all([
    startSignInEnvironment({ TRUST_PROXY: '1' }),
    startSignInEnvironment({ TRUST_PROXY: '1', OIDC_ISSUER_URL: liar.issuer }),
  ]);
});
afterAll(async () => {
  await Promise.all([house.close(), deceived.close()]);
  liar.stop();
});

let tests = 0;
const from = () => ({ 'x-forwarded-for': `198.51.100.${tests}` });
beforeEach(() => {
  tests += 1;
});

const callback = (visitor: CookieClient, url: string, more: Record<string, string> = {}) =>
  visitor.get(url, { accept: 'application/json', ...from(), ...more });
async function refusal(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  return `${answer.status} ${error.code}`;
}
const sessions = async ({ database }: SignInEnvironment = house) =>
  (await database.pool.query('select count(*)::int as n from sessions')).rows[0].n as number;
const lastReason = async (at: SignInEnvironment = house) =>
  (await at.audit('console.session.refused')).at(-1)?.payload.reason;

describe('an open redirect', () => {
  it.each([
    'https://evil.example/',
    '//evil.example/console',
    '/\\evil.example',
    '/console/../..//evil.example',
    '/%09/evil.example',
    '/console\r\nLocation: https://evil.example',
    'javascript:alert(1)',
  ])('to %j leads home', async (to) => {
    const visitor = createCookieClient();
    const query = `?${new URLSearchParams({ to })}`;
    const page = await (await visitor.get(`${house.url}/sign-in${query}`)).text();
    expect(page).toContain('href="/sign-in/start?to=%2Fconsole%2Fstatus"');
    const back = await signIn(visitor, house.url, 'vic', query);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/console/status']);
    const again = await visitor.get(`${house.url}/sign-in${query}`);
    expect(again.headers.get('location')).toBe('/console/status');
  });
});

describe('refused:', () => {
  it('a replayed answer, from the browser that used it and from a copy of that browser', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, house.url, 'vic');
    const copy = visitor.copy();
    expect((await callback(visitor, url)).status).toBe(303);
    const before = await sessions();
    expect(await refusal(await callback(visitor, url))).toBe('400 sign_in_failed');
    expect(await lastReason()).toBe('no_attempt');
    expect(await refusal(await callback(copy, url))).toBe('400 sign_in_failed');
    expect([await lastReason(), await sessions()]).toEqual(['replayed', before]);
  });

  it('one answer that comes to two processes at once lets in once', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, house.url, 'vic');
    const twin = visitor.copy();
    twin.setCookie(house.second, 'console_attempt', visitor.cookie(house.url, 'console_attempt') ?? '');
    const answers = [callback(visitor, url), callback(twin, url.replace(house.url, house.second))];
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([303, 400]);
  });

  it('the answer to another sign-in of the same browser', async () => {
    const visitor = createCookieClient();
    const first = await signInAtProvider(visitor, house.url, 'vic');
    await visitor.get(`${house.url}/sign-in/start`);
    expect(await refusal(await callback(visitor, first))).toBe('400 sign_in_failed');
    expect(await lastReason()).toBe('state_mismatch');
  });

  it.each([
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['a state of their own', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['two states', (url: URL) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
  ])('an answer with %s', async (_, change) => {
    const visitor = createCookieClient();
    const url = new URL(await signInAtProvider(visitor, house.url, 'vic'));
    change(url);
    expect(await refusal(await callback(visitor, url.href))).toBe('400 sign_in_failed');
    expect(await lastReason()).toBe('state_mismatch');
  });

  it('the code of another browser, with and without that browser’s state', async () => {
    const [attacker, victim] = [createCookieClient(), createCookieClient()];
    const theirs = new URL(await signInAtProvider(attacker, house.url, 'mallory'));
    expect(await refusal(await callback(victim, theirs.href))).toBe('400 sign_in_failed');
    expect(await lastReason()).toBe('no_attempt');
    const own = new URL(await signInAtProvider(victim, house.url, 'vic'));
    own.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    expect(await refusal(await callback(victim, own.href))).toBe('400 sign_in_failed');
    expect([await lastReason(), victim.cookie(house.url, SESSION)]).toEqual(['answer_invalid', undefined]);
  });

  it('an answer of which another issuer says that it is theirs', async () => {
    const visitor = createCookieClient();
    const url = new URL(await signInAtProvider(visitor, house.url, 'vic'));
    expect(url.searchParams.get('iss')).toBe(house.provider.issuer);
    url.searchParams.set('iss', 'https://id.evil.example');
    expect(await refusal(await callback(visitor, url.href))).toBe('400 sign_in_failed');
  });

  it('an attempt that is forged, or older than a quarter of an hour', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, house.url, 'vic');
    const [text = '', signature = ''] = (visitor.cookie(house.url, 'console_attempt') ?? '').split('.');
    const attempt = JSON.parse(Buffer.from(text, 'base64url').toString());
    const longer = Buffer.from(JSON.stringify({ ...attempt, until: attempt.until + 1 })).toString('base64url');
    visitor.setCookie(house.url, 'console_attempt', `${longer}.${signature}`);
    expect(await refusal(await callback(visitor, url))).toBe('400 sign_in_failed');
    expect(await lastReason()).toBe('no_attempt');
    expect(attempt.until - Date.now()).toBeLessThanOrEqual(15 * 60_000);
  });

  it('a person who said no at the provider; what the provider says of it is not repeated', async () => {
    const visitor = createCookieClient();
    const started = await visitor.get(`${house.url}/sign-in/start`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const said = { state, error: 'access_denied', error_description: '<img src=x onerror=alert(1)>' };
    const query = new URLSearchParams({ ...said, iss: house.provider.issuer });
    const page = await visitor.get(`${house.url}/sign-in/callback?${query}`, from());
    expect(page.status).toBe(400);
    expect(await page.text()).not.toContain('onerror');
    expect((await house.audit('console.session.refused')).at(-1)?.payload).toMatchObject({
      reason: 'provider_refused',
      code: 'access_denied',
    });
  });

  it('more failures than twenty a minute from one address, before the provider is asked', async () => {
    const failing = () => callback(createCookieClient(), `${house.url}/sign-in/callback?code=x&state=y`);
    for (let n = 0; n < 20; n += 1) expect((await failing()).status).toBe(400);
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, house.url, 'vic');
    const limited = await callback(visitor, url);
    expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true]);
    const elsewhere = await callback(visitor, url, { 'x-forwarded-for': '203.0.113.77' });
    expect(elsewhere.status).toBe(303);
  });

  it('more failures than twenty a minute from one address, however they are spread over processes and ways in', async () => {
    const answer = (at: string) => callback(createCookieClient(), `${at}/sign-in/callback?code=x&state=y`);
    const token = (at: string) =>
      fetch(`${at}/console/status`, { headers: { authorization: `Bearer guess-${Math.random()}`, ...from() } });
    for (let n = 0; n < 5; n += 1) {
      for (const at of [house.url, house.second]) expect((await answer(at)).status).toBe(400);
      const guesses = await Promise.all([token(house.url), token(house.second)]);
      expect(guesses.map(({ status }) => status)).toEqual([401, 401]);
    }
    const after = [token(house.url), token(house.second), answer(house.url), answer(house.second)];
    expect((await Promise.all(after)).map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  });
});

describe('an answer of the provider is refused with', () => {
  it.each<[string, FakeProvider['token']]>([
    ['a wrong nonce', { claims: { nonce: 'of another sign-in' } }],
    ['a wrong audience', { claims: { aud: 'another-client' } }],
    ['a wrong issuer', { claims: { iss: 'https://id.evil.example' } }],
    ['a wrong key', { key: foreignKey }],
    ['no signature', { alg: 'none' }],
    ['a signature by our own secret', { alg: 'HS256' }],
    ['an end in the past', { claims: { iat: 1_700_000_000, exp: 1_700_000_300 } }],
  ])('%s', async (_, lie) => {
    const visitor = createCookieClient();
    const { told, back } = await deceive(visitor, lie);
    expect(await refusal(back)).toBe('400 sign_in_failed');
    expect([told, await sessions(deceived), await lastReason(deceived)]).toEqual([true, 0, 'answer_invalid']);
  });

  it('nothing, where it is honest', async () => {
    const visitor = createCookieClient();
    const { back } = await deceive(visitor, {});
    expect([back.status, await sessions(deceived)]).toEqual([303, 1]);
  });

  async function deceive(visitor: CookieClient, lie: FakeProvider['token']) {
    const started = await visitor.get(`${deceived.url}/sign-in/start`);
    const asked = new URL(started.headers.get('location') ?? '').searchParams;
    liar.token = { ...lie, claims: { nonce: asked.get('nonce'), ...lie.claims } };
    liar.requests.length = 0;
    const query = new URLSearchParams({ code: 'any', state: asked.get('state') ?? '' });
    const back = await callback(visitor, `${deceived.url}/sign-in/callback?${query}`);
    return { back, told: liar.requests.some(({ path }) => path === '/token') };
  }
});
