import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CookieClient, createCookieClient, formToken, SESSION, signIn } from '../support/cookieClient.ts';
import { eventually } from '../support/eventually.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../support/signInEnvironment.ts';

let house: SignInEnvironment;
beforeAll(async () => {
  house = await startSignInEnvironment();
});
afterAll(() => house.close());
beforeEach(() => house.database.pool.query('delete from sessions'));

const page = async (visitor: CookieClient, path: string) => (await visitor.get(house.url + path)).text();

async function signOut(visitor: CookieClient): Promise<string> {
  const _csrf = await formToken(visitor, `${house.url}/console/status`);
  return (await visitor.submit(`${house.url}/sign-out`, { _csrf })).text();
}

describe('signing in at a real provider', () => {
  it('leads through the provider back to the page that was asked for, with the role of the groups', async () => {
    const visitor = createCookieClient();
    const to = encodeURIComponent('/console/alerts?state=firing');
    expect(await page(visitor, `/sign-in?to=${to}`)).toContain(`href="/sign-in/start?to=${to}"`);
    const back = await signIn(visitor, house.url, 'olga', `?to=${to}`);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/console/alerts?state=firing']);
    const alerts = await page(visitor, '/console/alerts');
    expect(alerts).toMatch(/olga@example\.com.*operator/s);
    expect(alerts).toContain('Sign out');
  });

  it('is audited, with who, where and what they may', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    const { payload, actor } = (await house.audit('console.session.signed_in')).at(-1) ?? {};
    expect([payload, actor]).toEqual([
      {
        session_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        name: 'vic@example.com',
        role: 'viewer',
        subject: 'vic',
        address: '127.0.0.1',
      },
      'vic@example.com',
    ]);
  });

  it('is known to every process on the database', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    visitor.setCookie(house.second, SESSION, visitor.cookie(house.url, SESSION) ?? '');
    expect((await visitor.get(`${house.second}/console/status`)).status).toBe(200);
  });

  it('as somebody else asks the provider again, and ends the session that was', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    expect(await page(visitor, '/sign-in')).toMatch(/signed in as vic@example\.com.*Sign in as somebody else/s);
    await signIn(visitor, house.url, 'ada', '?as=somebody-else');
    expect(await page(visitor, '/console/sessions')).toMatch(/ada@example\.com.*admin/s);
    const { rows } = await house.database.pool.query('select name from sessions where ended_at is null');
    expect(rows).toEqual([{ name: 'ada@example.com' }]);
    const { payload } = (await house.audit('console.session.signed_out')).at(-1) ?? {};
    expect(payload).toMatchObject({ name: 'vic@example.com', replaced_by: expect.any(String) });
  });
});

describe('signing out', () => {
  it('ends the session here, and offers to end that of the provider, which then comes back here', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    const html = await signOut(visitor);
    expect(html).toContain('You are signed out of this console.');
    expect((await house.audit('console.session.signed_out')).at(-1)?.actor).toBe('vic@example.com');
    const there = /href="([^"]+)">\s*Sign out of/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(there).toContain(`${house.provider.issuer}/session/end?`);
    const asked = await (await visitor.get(there)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked)?.[1] ?? '';
    const gone = await visitor.submit(`${house.provider.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    expect(gone.headers.get('location')).toBe(`${house.url}/sign-in`);
    // The provider no longer knows who this is, so it asks.
    const { url } = await visitor.follow(`${house.url}/sign-in/start`);
    expect(url).toContain('/interaction/');
  });

  it('works while the provider is away, and from a session that has ended', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    const _csrf = await formToken(visitor, `${house.url}/console/status`);
    await house.database.pool.query('update sessions set ended_at = now()');
    const answer = await visitor.submit(`${house.url}/sign-out`, { _csrf });
    expect([answer.status, visitor.cookie(house.url, SESSION)]).toEqual([200, undefined]);
  });
});

describe('a provider that goes away', () => {
  it('leaves those who are signed in alone, and lets them in again when it is back', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, house.url, 'vic');
    const other = createCookieClient();
    await house.provider.stop();
    expect((await visitor.get(`${house.url}/console/status`)).status).toBe(200);
    // Its address is known, so people are sent there; what they bring back cannot be checked.
    const started = await other.get(`${house.url}/sign-in/start`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'x', state, iss: house.provider.issuer });
    const back = await other.get(`${house.url}/sign-in/callback?${query}`);
    expect([back.status, await back.text()]).toEqual([503, expect.stringContaining('did not answer')]);
    expect((await house.audit('console.session.refused')).at(-1)?.payload).toMatchObject({
      reason: 'provider_unavailable',
      code: 'ECONNREFUSED',
    });
    await house.provider.start();
    expect((await signIn(other, house.url, 'olga')).status).toBe(303);
  });
});

describe('a provider that is away at the start', () => {
  it('stops nothing: tokens work, the page says so, and people sign in as soon as it is there', async () => {
    const late = await startSignInEnvironment({}, { providerIsDown: true });
    try {
      const visitor = createCookieClient();
      const html = await (await visitor.get(`${late.url}/sign-in`)).text();
      expect(html).toContain('cannot be used at the moment');
      expect((await visitor.get(`${late.url}/sign-in/start`)).status).toBe(503);
      const headers = { authorization: 'Bearer an-api-token-of-an-admin-0123456789' };
      expect((await fetch(`${late.url}/console/flags`, { headers })).status).toBe(200);
      expect(late.lines.filter((line) => line.includes('the identity provider cannot be used')).length).toBeGreaterThan(
        0,
      );
      await late.provider.start();
      await eventually(async () =>
        expect((await (await fetch(`${late.url}/sign-in`)).json()) as object).toMatchObject({ available: true }),
      );
      expect((await signIn(visitor, late.url, 'ada')).status).toBe(303);
    } finally {
      await late.close();
    }
  });
});

it('what the provider said of somebody is in the database only under the key that their browser holds', async () => {
  const visitor = createCookieClient();
  await signIn(visitor, house.url, 'vic');
  const { rows } = await house.database.pool.query('select provider_hint from sessions');
  expect(rows[0].provider_hint.toString('latin1')).not.toContain('eyJ');
});
