import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RefusalSummary } from '../../../src/model/people.ts';
import {
  type CookieClient,
  createCookieClient,
  finishAtProvider,
  SESSION,
  signIn,
  signInAtProvider,
} from '../../support/cookieClient.ts';
import { type FakeProvider, foreignKey, startFakeProvider } from '../../support/fakeProvider.ts';
import { CLIENT } from '../../support/identityProvider.ts';
import {
  API_TOKEN,
  INGEST_TOKEN,
  type SignInEnvironment,
  startSignInEnvironment,
} from '../../support/signInEnvironment.ts';

let environment: SignInEnvironment;
let fakeProvider: FakeProvider;
let fakeEnvironment: SignInEnvironment;
beforeAll(async () => {
  fakeProvider = await startFakeProvider(CLIENT.id, CLIENT.secret);
  // Each test uses an address of its own, so that its failures do not count for other tests.
  [environment, fakeEnvironment] = await Promise.all([
    startSignInEnvironment({ TRUST_PROXY: '1' }),
    startSignInEnvironment({ TRUST_PROXY: '1', OIDC_ISSUER_URL: fakeProvider.issuer }),
  ]);
});
afterAll(async () => {
  await Promise.all([environment.close(), fakeEnvironment.close()]);
  fakeProvider.stop();
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
const sessions = async ({ database }: SignInEnvironment = environment) =>
  (await database.pool.query('select count(*)::int as n from sessions')).rows[0].n as number;
/** Of refusals that anybody can cause, which are counted and logged, but not audited. */
const lastRefusal = ({ lines }: SignInEnvironment = environment) =>
  lines.flatMap((line) => /"refusal":"(\w+)"/.exec(line)?.[1] ?? []).at(-1);
const lastReason = async (at: SignInEnvironment = environment) =>
  (await at.audit('console.session.refused')).at(-1)?.payload.reason;

describe('open redirects', () => {
  it.each([
    'https://evil.example/',
    '//evil.example/console',
    '/\\evil.example',
    '/console/../..//evil.example',
    '/%09/evil.example',
    '/console\r\nLocation: https://evil.example',
    'javascript:alert(1)',
  ])('an open redirect to %j leads to the status page', async (to) => {
    const visitor = createCookieClient();
    const query = `?${new URLSearchParams({ to })}`;
    const page = await (await visitor.get(`${environment.url}/sign-in${query}`)).text();
    expect(page).toContain('href="/sign-in/start?to=%2Fconsole%2Fstatus"');
    const back = await signIn(visitor, environment.url, 'vic', query);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/console/status']);
    const again = await visitor.get(`${environment.url}/sign-in${query}`);
    expect(again.headers.get('location')).toBe('/console/status');
  });
});

describe('attacks on the sign-in', () => {
  it('a replayed response is refused in the same browser and in a copy of it', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, environment.url, 'vic');
    const copy = visitor.copy();
    expect((await callback(visitor, url)).status).toBe(303);
    const before = await sessions();
    expect(await refusal(await callback(visitor, url))).toBe('400 sign_in_failed');
    expect(lastRefusal()).toBe('no_attempt');
    expect(await refusal(await callback(copy, url))).toBe('400 sign_in_failed');
    expect([lastRefusal(), await sessions()]).toEqual(['replayed', before]);
  });

  it('a response sent to two processes at once signs in once', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, environment.url, 'vic');
    const twin = visitor.copy();
    for (const [name, value] of visitor.cookies(environment.url)) twin.setCookie(environment.second, name, value);
    const answers = [callback(visitor, url), callback(twin, url.replace(environment.url, environment.second))];
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([303, 400]);
  });

  it.each([
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['a forged state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['two states', (url: URL) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
  ])('a response with %s is refused', async (_, change) => {
    const visitor = createCookieClient();
    const url = new URL(await signInAtProvider(visitor, environment.url, 'vic'));
    change(url);
    expect(await refusal(await callback(visitor, url.href))).toBe('400 sign_in_failed');
    expect(lastRefusal()).toBe('state_mismatch');
  });

  it('the code of another browser is refused with and without its state', async () => {
    const [attacker, victim] = [createCookieClient(), createCookieClient()];
    const theirs = new URL(await signInAtProvider(attacker, environment.url, 'mallory'));
    expect(await refusal(await callback(victim, theirs.href))).toBe('400 sign_in_failed');
    expect(lastRefusal()).toBe('no_attempt');
    const own = new URL(await signInAtProvider(victim, environment.url, 'vic'));
    own.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    expect(await refusal(await callback(victim, own.href))).toBe('400 sign_in_failed');
    expect([await lastReason(), victim.cookie(environment.url, SESSION)]).toEqual(['answer_invalid', undefined]);
  });

  it('a response that names another issuer is refused', async () => {
    const visitor = createCookieClient();
    const url = new URL(await signInAtProvider(visitor, environment.url, 'vic'));
    expect(url.searchParams.get('iss')).toBe(environment.provider.issuer);
    url.searchParams.set('iss', 'https://id.evil.example');
    expect(await refusal(await callback(visitor, url.href))).toBe('400 sign_in_failed');
  });

  it('a forged sign-in attempt is refused, and attempts expire after 15 minutes', async () => {
    const visitor = createCookieClient();
    const url = await signInAtProvider(visitor, environment.url, 'vic');
    const [name, cookie] = visitor.cookies(environment.url).find(([name]) => name.startsWith('console_attempt-')) ?? [
      '',
      '',
    ];
    const [text = '', signature = ''] = cookie.split('.');
    const attempt = JSON.parse(Buffer.from(text, 'base64url').toString());
    const longer = Buffer.from(JSON.stringify({ ...attempt, until: attempt.until + 1 })).toString('base64url');
    visitor.setCookie(environment.url, name, `${longer}.${signature}`);
    expect(await refusal(await callback(visitor, url))).toBe('400 sign_in_failed');
    expect(lastRefusal()).toBe('no_attempt');
    expect(attempt.until - Date.now()).toBeLessThanOrEqual(15 * 60_000);
  });

  it('a sign-in cancelled at the provider is refused without showing text of the provider', async () => {
    const visitor = createCookieClient();
    const started = await visitor.get(`${environment.url}/sign-in/start`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const refusedBy = { state, error: 'access_denied', error_description: '<img src=x onerror=alert(1)>' };
    const query = new URLSearchParams({ ...refusedBy, iss: environment.provider.issuer });
    const page = await visitor.get(`${environment.url}/sign-in/callback?${query}`, from());
    expect(page.status).toBe(400);
    expect(await page.text()).not.toContain('onerror');
    expect((await environment.audit('console.session.refused')).at(-1)?.payload).toMatchObject({
      reason: 'provider_refused',
      code: 'access_denied',
    });
  });
});

describe('attempts to keep others from signing in', () => {
  const start = (visitor: CookieClient, more = {}) =>
    visitor.get(`${environment.url}/sign-in/start`, { ...from(), ...more });
  /** Starts at this address, and resolves with the address of the callback. */
  const begin = async (visitor: CookieClient, name: string) =>
    finishAtProvider(visitor, environment.url, name, (await start(visitor)).headers.get('location') ?? '');
  const times = <T>(n: number, work: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: n }, (_, each) => work(each)));

  it('people sign in while images of another site and wrong tokens flood their address', async () => {
    const [begun, late] = [createCookieClient(), createCookieClient()];
    const url = await begin(begun, 'ada');
    const image = { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' };
    const flood = await Promise.all([
      times(25, (n) => callback(createCookieClient(), `${environment.url}/sign-in/callback?x=${n}`, image)),
      times(25, (n) => callback(createCookieClient(), `${environment.url}/sign-in/callback?x=${n}`)),
      times(40, () => start(createCookieClient(), image)),
      times(25, () =>
        fetch(`${environment.url}/api/alerts`, { method: 'POST', headers: { ...from(), authorization: 'Bearer old' } }),
      ),
    ]);
    expect(flood.map((answers) => [...new Set(answers.map(({ status }) => status))]).slice(0, 3)).toEqual([
      [400],
      [400],
      [303],
    ]);
    expect(new Set(flood[2].map(({ headers }) => headers.get('location')))).toEqual(
      new Set(['/sign-in?to=%2Fconsole%2Fstatus']),
    );
    expect((await callback(begun, url)).status).toBe(303);
    expect((await callback(late, await begin(late, 'vic'))).status).toBe(303);
    const refused = await environment.audit('console.session.refused');
    expect(refused.filter(({ payload }) => payload.address === from()['x-forwarded-for'])).toEqual([]);
  });

  it('a refused person is audited although strangers cause many refusals, and every kind of attack leaves a trace', async () => {
    await times(200, () => callback(createCookieClient(), `${environment.url}/sign-in/callback?x=1`));
    const mallory = createCookieClient();
    expect((await callback(mallory, await begin(mallory, 'mallory'))).status).toBe(403);
    const refused = await environment.audit('console.session.refused');
    expect(refused.filter(({ payload }) => payload.address === from()['x-forwarded-for'])).toMatchObject([
      { payload: { reason: 'no_role', subject: 'mallory' } },
    ]);
    const post = (path: string, headers: Record<string, string>) =>
      fetch(environment.url + path, { method: 'POST', headers: { ...from(), ...headers } });
    await post('/console/flags/x', { authorization: 'Bearer guessed' });
    await post('/console/flags/x', { authorization: `Bearer ${INGEST_TOKEN}` });
    await post('/api/webhooks/freescout', { 'x-freescout-signature': 'AAAA' });
    await post('/console/flags/x', { origin: 'http://evil.test' });
    const warnings = environment.lines.filter(
      (line) => line.includes('"requests refused"') && line.includes(from()['x-forwarded-for']),
    );
    // A flood that lasts longer than a minute is logged again.
    const warned = [...new Set(warnings.map((line) => String(JSON.parse(line).refusal)))].toSorted();
    expect(warned).toEqual(['bad_signature', 'csrf', 'forbidden', 'invalid_token', 'no_attempt', 'sign_in_refused']);
    const ask = (headers: Record<string, string>) =>
      fetch(`${environment.url}/console/refusals`, { headers: { ...from(), ...headers } });
    const { kinds, networks } = (await (await ask({ authorization: `Bearer ${API_TOKEN}` })).json()) as RefusalSummary;
    const own = networks.filter(({ network }) => network === from()['x-forwarded-for']);
    expect(own.find(({ kind }) => kind === 'no_attempt')?.times).toBe(200);
    expect(own.map(({ kind }) => kind).toSorted()).toEqual(warned);
    expect(kinds.find(({ kind }) => kind === 'sign_in_refused')?.last_24_hours).toBeGreaterThan(0);
    const vic = createCookieClient();
    await callback(vic, await begin(vic, 'vic'));
    expect((await vic.get(`${environment.url}/console/refusals`, from())).status).toBe(403);
  });

  it('an image of another site does not use up the sign-in of a visitor', async () => {
    const visitor = createCookieClient();
    const url = await begin(visitor, 'vic');
    expect((await callback(visitor, url, { 'sec-fetch-dest': 'image' })).status).toBe(400);
    expect((await callback(visitor, url, { 'sec-fetch-dest': 'document' })).status).toBe(303);
  });

  /** Starts at the lying provider, and answers with an invented code. */
  async function invent(visitor: CookieClient): Promise<{ url: string; answer: Response }> {
    const started = await visitor.get(`${fakeEnvironment.url}/sign-in/start`, from());
    const state = new URL(started.headers.get('location') ?? 'http://none').searchParams.get('state');
    const url = `${fakeEnvironment.url}/sign-in/callback?${new URLSearchParams({ code: 'invented', state: state ?? '' })}`;
    return { url, answer: await callback(visitor, url) };
  }

  it('of 150 sign-ins that are started and answered with invented codes at most 30 reach the provider', async () => {
    fakeProvider.requests.length = 0;
    // Not all at once: on a busy machine the provider would answer some of them too late.
    const answers: Response[] = [];
    for (let n = 0; n < 10; n += 1) {
      const round = await times(15, () => invent(createCookieClient()));
      answers.push(...round.map(({ answer }) => answer));
    }
    const statuses = answers.map(({ status }) => status);
    expect([400, 429].map((status) => statuses.filter((each) => each === status).length)).toEqual([30, 120]);
    expect(fakeProvider.requests.filter(({ path }) => path === '/token')).toHaveLength(30);
  });

  it('a new browser signs in although its network has started a hundred sign-ins and answered none', async () => {
    const answers = await times(100, () => start(createCookieClient()));
    expect(new Set(answers.map(({ headers }) => new URL(headers.get('location') ?? '').origin))).toEqual(
      new Set([environment.provider.issuer]),
    );
    const stranger = createCookieClient();
    expect((await callback(stranger, await begin(stranger, 'vic'))).status).toBe(303);
  });

  it('cancelled, forged and repeated answers do not count, because none of them goes to the provider', async () => {
    fakeProvider.requests.length = 0;
    const again = createCookieClient();
    const { url } = await invent(again);
    const copies = await times(40, () => callback(again.copy(), url));
    const cancelled = await times(40, async () => {
      const visitor = createCookieClient();
      const started = await visitor.get(`${fakeEnvironment.url}/sign-in/start`, from());
      const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
      const query = new URLSearchParams({ state, error: 'access_denied' });
      return callback(visitor, `${fakeEnvironment.url}/sign-in/callback?${query}`);
    });
    expect(new Set([...copies, ...cancelled].map(({ status }) => status))).toEqual(new Set([400]));
    expect((await invent(createCookieClient())).answer.status).toBe(400);
    expect(fakeProvider.requests.filter(({ path }) => path === '/token')).toHaveLength(2);
  });

  it('an answer over the limit can be sent again, and a browser that signed in before has a limit of its own', async () => {
    const [known, stranger] = [createCookieClient(), createCookieClient()];
    const at = fakeEnvironment.url;
    const sign = async (visitor: CookieClient) => {
      const started = await visitor.get(`${at}/sign-in/start`, from());
      const asked = new URL(started.headers.get('location') ?? '').searchParams;
      fakeProvider.token = { claims: { nonce: asked.get('nonce') } };
      return `${at}/sign-in/callback?${new URLSearchParams({ code: 'any', state: asked.get('state') ?? '' })}`;
    };
    expect((await callback(known, await sign(known))).status).toBe(303);
    fakeProvider.token = { claims: { nonce: 'of another sign-in' } };
    for (let n = 0; n < 3; n += 1) await times(10, () => invent(createCookieClient()));
    const url = await sign(stranger);
    const refused = await callback(stranger, url);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(lastRefusal(fakeEnvironment)).toBe('too_many_sign_ins');
    // As if the minute were over.
    const elsewhere = { 'x-forwarded-for': '203.0.113.200' };
    expect((await callback(stranger, url, elsewhere)).status).toBe(303);
    expect((await callback(known, await sign(known))).status).toBe(303);
  });
});

describe('starting a sign-in', () => {
  const start = (headers: Record<string, string>) =>
    createCookieClient().get(`${environment.url}/sign-in/start?to=/console/alerts`, { ...from(), ...headers });

  it.each<[string, Record<string, string>]>([
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' }],
    ['a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a prefetch', { 'sec-fetch-site': 'same-origin', 'sec-purpose': 'prefetch' }],
    ['a prerendered page', { 'sec-fetch-site': 'none', 'sec-purpose': 'prefetch;prerender' }],
    ['a prefetch of an older browser', { purpose: 'prefetch' }],
  ])('%s is sent to the sign-in page instead', async (_, headers) => {
    const answer = await start(headers);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in?to=%2Fconsole%2Falerts']);
    expect(answer.headers.getSetCookie().join()).not.toContain('attempt-');
  });

  it.each(['none', 'same-origin', 'same-site'])('a navigation with Sec-Fetch-Site %s starts one', async (site) => {
    const answer = await start({ 'sec-fetch-site': site, 'sec-fetch-user': '?1' });
    expect(new URL(answer.headers.get('location') ?? '').origin).toBe(environment.provider.issuer);
  });

  it('a person who follows a link in a message to a page signs in there with one click', async () => {
    const visitor = createCookieClient();
    const link = { ...from(), 'sec-fetch-site': 'cross-site' };
    const first = await visitor.get(`${environment.url}/console/alerts`, link);
    const signInPage = await visitor.get(environment.url + first.headers.get('location'), link);
    expect(signInPage.status).toBe(200);
    const click = /href="(\/sign-in\/start[^"]*)"/.exec(await signInPage.text())?.[1] ?? '';
    const started = await visitor.get(environment.url + click, { ...from(), 'sec-fetch-site': 'same-origin' });
    const to = started.headers.get('location') ?? '';
    const back = await callback(visitor, await finishAtProvider(visitor, environment.url, 'vic', to), {
      'sec-fetch-site': 'cross-site',
    });
    expect([back.status, back.headers.get('location')]).toEqual([303, '/console/alerts']);
  });
});

describe('responses of a lying provider', () => {
  it.each<[string, FakeProvider['token']]>([
    ['a wrong nonce', { claims: { nonce: 'of another sign-in' } }],
    ['a wrong audience', { claims: { aud: 'another-client' } }],
    ['a wrong issuer', { claims: { iss: 'https://id.evil.example' } }],
    ['a wrong key', { key: foreignKey }],
    ['no signature', { alg: 'none' }],
    ['a signature made with our own secret', { alg: 'HS256' }],
    ['an expiry in the past', { claims: { iat: 1_700_000_000, exp: 1_700_000_300 } }],
  ])('a response with %s is refused', async (_, defect) => {
    const before = await sessions(fakeEnvironment);
    const { wasExchanged, back } = await completeWith(createCookieClient(), defect);
    expect(await refusal(back)).toBe('400 sign_in_failed');
    expect([wasExchanged, await sessions(fakeEnvironment), await lastReason(fakeEnvironment)]).toEqual([
      true,
      before,
      'answer_invalid',
    ]);
  });

  it('an honest response signs in', async () => {
    const before = await sessions(fakeEnvironment);
    const { back } = await completeWith(createCookieClient(), {});
    expect([back.status, await sessions(fakeEnvironment)]).toEqual([303, before + 1]);
  });

  async function completeWith(visitor: CookieClient, defect: FakeProvider['token']) {
    const started = await visitor.get(`${fakeEnvironment.url}/sign-in/start`);
    const asked = new URL(started.headers.get('location') ?? '').searchParams;
    fakeProvider.token = { ...defect, claims: { nonce: asked.get('nonce'), ...defect.claims } };
    fakeProvider.requests.length = 0;
    const query = new URLSearchParams({ code: 'any', state: asked.get('state') ?? '' });
    const back = await callback(visitor, `${fakeEnvironment.url}/sign-in/callback?${query}`);
    return { back, wasExchanged: fakeProvider.requests.some(({ path }) => path === '/token') };
  }
});
