import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CookieClient,
  createCookieClient,
  finishAtProvider,
  formToken,
  SESSION,
  signIn,
  signInAtProvider,
} from '../support/cookieClient.ts';
import { eventually } from '../support/eventually.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../support/signInEnvironment.ts';

let environment: SignInEnvironment;
beforeAll(async () => {
  environment = await startSignInEnvironment();
});
afterAll(() => environment.close());
beforeEach(() => environment.database.pool.query('delete from sessions'));

const page = async (visitor: CookieClient, path: string) => (await visitor.get(environment.url + path)).text();

async function signOut(visitor: CookieClient): Promise<string> {
  const _csrf = await formToken(visitor, `${environment.url}/console/status`);
  return (await visitor.submit(`${environment.url}/sign-out`, { _csrf })).text();
}

describe('signing in with a real provider', () => {
  it("signing in leads back to the requested page with the role of the person's groups", async () => {
    const visitor = createCookieClient();
    const to = encodeURIComponent('/console/alerts?state=firing');
    expect(await page(visitor, `/sign-in?to=${to}`)).toContain(`href="/sign-in/start?to=${to}"`);
    const back = await signIn(visitor, environment.url, 'olga', `?to=${to}`);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/console/alerts?state=firing']);
    const alerts = await page(visitor, '/console/alerts');
    expect(alerts).toMatch(/olga@example\.com.*operator/s);
    expect(alerts).toContain('Sign out');
  });

  it('a sign-in is audited with name, role and address', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    const { payload, actor } = (await environment.audit('console.session.signed_in')).at(-1) ?? {};
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

  it('a session is valid in every process on the database', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    visitor.setCookie(environment.second, SESSION, visitor.cookie(environment.url, SESSION) ?? '');
    expect((await visitor.get(`${environment.second}/console/status`)).status).toBe(200);
  });

  it('signing in as a different user asks the provider again and ends the earlier session', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    expect(await page(visitor, '/sign-in')).toMatch(/signed in as vic@example\.com.*Sign in as a different user/s);
    await signIn(visitor, environment.url, 'ada', '?as=somebody-else');
    expect(await page(visitor, '/console/sessions')).toMatch(/ada@example\.com.*admin/s);
    const { rows } = await environment.database.pool.query('select name from sessions where ended_at is null');
    expect(rows).toEqual([{ name: 'ada@example.com' }]);
    const { payload } = (await environment.audit('console.session.signed_out')).at(-1) ?? {};
    expect(payload).toMatchObject({ name: 'vic@example.com', replaced_by: expect.any(String) });
  });
});

describe('signing in from several tabs of one browser', () => {
  it('two tabs that begin to sign in both finish, in either order', async () => {
    for (const isSwapped of [false, true]) {
      const visitor = createCookieClient();
      const begin = async () => (await visitor.get(`${environment.url}/sign-in/start`)).headers.get('location') ?? '';
      const begun = [await begin(), await begin()];
      for (const there of isSwapped ? begun.reverse() : begun) {
        const callback = await finishAtProvider(visitor, environment.url, 'vic', there);
        expect((await visitor.get(callback)).status).toBe(303);
        expect((await visitor.get(`${environment.url}/console/status`)).status).toBe(200);
      }
    }
  });

  it('only the newest five sign-ins that were begun keep a cookie', async () => {
    const visitor = createCookieClient();
    const oldest = await signInAtProvider(visitor, environment.url, 'vic');
    for (let n = 0; n < 5; n += 1) await visitor.get(`${environment.url}/sign-in/start`);
    const attempts = visitor.cookies(environment.url).filter(([name]) => name.startsWith('console_attempt-'));
    expect(attempts).toHaveLength(5);
    expect((await visitor.get(oldest)).status).toBe(400);
    expect(environment.lines.filter((line) => line.includes('"refusal":"state_mismatch"'))).toHaveLength(1);
  });
});

describe('signing out', () => {
  it('signing out ends the session and links to the sign-out of the provider, which leads back', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    const html = await signOut(visitor);
    expect(html).toContain('You are signed out of this console.');
    expect((await environment.audit('console.session.signed_out')).at(-1)?.actor).toBe('vic@example.com');
    const there = /href="([^"]+)">\s*Sign out of/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(there).toContain(`${environment.provider.issuer}/session/end?`);
    const asked = await (await visitor.get(there)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked)?.[1] ?? '';
    const gone = await visitor.submit(`${environment.provider.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    expect(gone.headers.get('location')).toBe(`${environment.url}/sign-in`);
    // The provider has no session any more, so it asks for a name.
    const { url } = await visitor.follow(`${environment.url}/sign-in/start`);
    expect(url).toContain('/interaction/');
  });

  it('signing out works from a session that has already ended', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    const _csrf = await formToken(visitor, `${environment.url}/console/status`);
    await environment.database.pool.query('update sessions set ended_at = now()');
    const answer = await visitor.submit(`${environment.url}/sign-out`, { _csrf });
    expect([answer.status, visitor.cookie(environment.url, SESSION)]).toEqual([200, undefined]);
  });
});

describe('a provider that becomes unavailable', () => {
  it('an unavailable provider keeps sessions alive, and people sign in again once it is back', async () => {
    const visitor = createCookieClient();
    await signIn(visitor, environment.url, 'vic');
    const other = createCookieClient();
    await environment.provider.stop();
    expect((await visitor.get(`${environment.url}/console/status`)).status).toBe(200);
    // The sign-in address is known from before, but the response cannot be exchanged.
    const started = await other.get(`${environment.url}/sign-in/start`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'x', state, iss: environment.provider.issuer });
    const back = await other.get(`${environment.url}/sign-in/callback?${query}`);
    expect([back.status, await back.text()]).toEqual([503, expect.stringContaining('did not answer')]);
    expect((await environment.audit('console.session.refused')).at(-1)?.payload).toMatchObject({
      reason: 'provider_unavailable',
      code: 'ECONNREFUSED',
    });
    await environment.provider.start();
    expect((await signIn(other, environment.url, 'olga')).status).toBe(303);
  });
});

describe('a provider that is unavailable at the start', () => {
  it('the console starts without the provider, tokens work, and people sign in once it is back', async () => {
    const late = await startSignInEnvironment({}, { providerIsDown: true });
    try {
      const visitor = createCookieClient();
      const html = await (await visitor.get(`${late.url}/sign-in`)).text();
      expect(html).toContain('is unavailable (');
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

it('the ID token is stored encrypted', async () => {
  const visitor = createCookieClient();
  await signIn(visitor, environment.url, 'vic');
  const { rows } = await environment.database.pool.query('select provider_hint from sessions');
  expect(rows[0].provider_hint.toString('latin1')).not.toContain('eyJ');
});
