import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { createLog } from '../../../src/log/log.ts';
import { startSandboxProvider } from '../../../src/sandbox/openid/sandboxProvider.ts';
import { type CookieClient, createCookieClient, formToken } from '../../support/cookieClient.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { onFreePort } from '../../support/freePort.ts';

const CLIENT = { id: 'auto-ticketing', secret: 'a-client-secret-that-nobody-guesses' };

let database: TestDatabase;
let provider: Awaited<ReturnType<typeof startSandboxProvider>>;
let app: App;
let url: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const log = createLog({ level: 'silent' });
  // The provider has to know the address of the console before the console starts there.
  app = await onFreePort(async (port) => {
    url = `http://127.0.0.1:${port}`;
    provider = await startSandboxProvider({ client: CLIENT, consoleUrl: url });
    const config = readConfig({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: url,
      DATABASE_URL: database.url,
      OIDC_ISSUER_URL: provider.url,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_ROLE_MAP: 'viewer:viewer,operator:operator,admin:admin',
      SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
    });
    return startApp({ config, role: 'web', log }).catch(async (error: unknown) => {
      await provider.stop();
      throw error;
    });
  });
});
afterAll(async () => {
  await app.stop();
  await provider.stop();
  await database.drop();
});

const callback = () => `${url}/sign-in/callback`;

/** Goes from the console to the provider's page and makes this choice; resolves with the console's answer. */
async function signIn(client: CookieClient, choice: Record<string, string>, query = ''): Promise<Response> {
  const there = await client.follow(`${url}/sign-in/start${query}`, callback());
  const answered = await client.submit(there.url, choice);
  return client.get(answered.headers.get('location') ?? '');
}

/** The signed-in person and their role, as every page of the console shows them. */
async function shown(client: CookieClient): Promise<string> {
  const html = await (await client.get(`${url}/console/status`)).text();
  return /<div class="who">(.*?)<form/s.exec(html)?.[1]?.replace(/<[^>]+>/g, '') ?? '';
}

describe('a person who signs in at the sandbox OpenID provider', () => {
  it.each([
    [{ person: 'ada' }, 'ada@example.com admin'],
    [{ person: 'olga' }, 'olga@example.com operator'],
    [{ person: 'vic' }, 'vic@example.com viewer'],
    [{ person: 'una' }, 'una (unverified, sandbox-una) operator'],
    [{ email: 'kim@example.org', role: 'admin', verified: 'on' }, 'kim@example.org admin'],
    [{ email: 'mallory@example.org', role: 'viewer' }, /^mallory \(unverified, sandbox-[0-9a-f]{12}\) viewer$/],
  ])('the choice %j has the name and role %s in the console', async (choice, expected) => {
    const client = createCookieClient();
    const answer = await signIn(client, choice);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console/status']);
    expect(await shown(client)).toMatch(expected);
  });

  it.each([
    ['in no group that has a role', { person: 'nora' }, 403],
    ['with no role', { email: 'kim@example.org', role: '', verified: 'on' }, 403],
    ['who refuses', { refuse: '1' }, 400],
  ])('a person %s is not signed in', async (_, choice, status) => {
    const client = createCookieClient();
    expect((await signIn(client, choice)).status).toBe(status);
    expect((await client.get(`${url}/console/status`)).headers.get('location')).toMatch(/^\/sign-in/);
  });

  it('a second sign-in asks nothing, and a sign-in as somebody else asks', async () => {
    const client = createCookieClient();
    await signIn(client, { person: 'vic' });
    expect((await client.follow(`${url}/sign-in/start`, callback())).url).toContain('?code=');
    const asked = await client.follow(`${url}/sign-in/start?as=somebody-else`, callback());
    expect([asked.response.status, asked.url]).toEqual([200, expect.stringContaining(`${provider.url}/authorize?`)]);
    await signIn(client, { person: 'ada' }, '?as=somebody-else');
    expect(await shown(client)).toBe('ada@example.com admin');
  });

  it('signing out of the console leads to the sign-out of the provider, which asks again afterwards', async () => {
    const client = createCookieClient();
    await signIn(client, { person: 'olga' });
    const form = { _csrf: await formToken(client, `${url}/console/my-sessions`) };
    const page = await (await client.submit(`${url}/sign-out`, form)).text();
    const end = /href="([^"]+\/session\/end[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await client.get(end)).headers.get('location')).toBe(`${url}/sign-in`);
    const again = await client.follow(`${url}/sign-in/start`, callback());
    expect(again.url).toContain(`${provider.url}/authorize?`);
  });

  it('an e-mail address that is none is asked for again', async () => {
    const client = createCookieClient();
    const there = await client.follow(`${url}/sign-in/start`, callback());
    const answer = await client.submit(there.url, { email: 'nobody', role: 'admin' });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Enter an e-mail address.')]);
  });
});

describe('the sandbox OpenID provider', () => {
  const authorize = (change: Record<string, string> = {}) =>
    `${provider.url}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: callback(),
      scope: 'openid',
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...change,
    })}`;
  /** The verifier of that challenge, from RFC 7636. */
  const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const newCode = async () => {
    const answer = await createCookieClient().submit(authorize(), { person: 'vic' });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };
  const redeem = async (change: Record<string, string>) => {
    const response = await fetch(`${provider.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uri: callback(),
        code_verifier: VERIFIER,
        ...change,
      }),
    });
    return ((await response.json()) as { error?: string }).error ?? response.status;
  };

  it('a code can be exchanged once, by the console, with the verifier and the address of its request', async () => {
    const code = await newCode();
    expect([await redeem({ code }), await redeem({ code })]).toEqual([200, 'invalid_grant']);
    expect(await redeem({ code: await newCode(), code_verifier: 'x'.repeat(43) })).toBe('invalid_grant');
    expect(await redeem({ code: await newCode(), redirect_uri: `${url}/elsewhere` })).toBe('invalid_grant');
    expect(await redeem({ code: await newCode(), client_secret: 'guessed' })).toBe('invalid_client');
    expect(await redeem({ code: await newCode(), grant_type: 'password' })).toBe('unsupported_grant_type');
  });

  it('a refresh token gives new claims until its person signs out at the provider', async () => {
    const client = createCookieClient();
    const answer = await client.submit(authorize(), { person: 'vic' });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const response = await fetch(`${provider.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}` },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', redirect_uri: callback() },
        ...{ code, code_verifier: VERIFIER },
      }),
    });
    const { refresh_token = '' } = (await response.json()) as { refresh_token?: string };
    const refresh = () => redeem({ grant_type: 'refresh_token', refresh_token });
    expect([await refresh(), await refresh()]).toEqual([200, 200]);
    await client.submit(`${provider.url}/session/end`, {});
    expect(await refresh()).toBe('invalid_grant');
  });

  it('nobody is redirected to an address that is not that of the console', async () => {
    const foreign = ['https://evil.test/sign-in/callback', `${provider.url}/x`, callback().replace('://', '://x@')];
    for (const change of [...foreign.map((redirect_uri) => ({ redirect_uri })), { client_id: 'other' }]) {
      const answer = await createCookieClient().get(authorize(change));
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    }
    const out = await createCookieClient().submit(
      `${provider.url}/session/end?post_logout_redirect_uri=https://evil.test/`,
      {},
    );
    expect(out.headers.get('location')).toBe('/');
  });

  it.each([
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ response_type: 'token' }, 'invalid_request'],
    [{ scope: 'profile' }, 'invalid_request'],
    [{ prompt: 'none' }, 'login_required'],
  ])('a request with %j is answered with the error %s', async (change, error) => {
    const answer = await createCookieClient().get(authorize(change));
    const { searchParams } = new URL(answer.headers.get('location') ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({ error, state: 's', iss: provider.url });
  });

  it('a person who signed in longer ago than max_age is asked again', async () => {
    const client = createCookieClient();
    await client.submit(authorize(), { person: 'vic' });
    const answer = async (max_age: string) =>
      (await client.get(authorize({ prompt: 'none', max_age }))).headers.get('location');
    expect([await answer('3600'), await answer('0')]).toEqual([
      expect.stringContaining('code='),
      expect.stringContaining('error=login_required'),
    ]);
  });

  it('an ID token that somebody else signed ends no session without a question', async () => {
    const client = createCookieClient();
    await client.submit(authorize(), { person: 'vic' });
    const forged = `${Buffer.from('{}').toString('base64url')}.${Buffer.from('{"sub":"sandbox-vic"}').toString('base64url')}.AAAA`;
    const asked = await client.get(`${provider.url}/session/end?id_token_hint=${forged}`);
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('Sign out?')]);
    expect((await client.get(authorize({ prompt: 'none' }))).headers.get('location')).toContain('code=');
  });
});
