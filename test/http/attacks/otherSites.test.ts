import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CookieClient, createCookieClient, formToken, SESSION, signIn } from '../../support/cookieClient.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../../support/signInEnvironment.ts';

let environment: SignInEnvironment;
let ada: CookieClient;
beforeAll(async () => {
  environment = await startSignInEnvironment();
  ada = createCookieClient();
  await signIn(ada, environment.url, 'ada');
});
afterAll(() => environment.close());

const FLAG = '/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const flips = async () => (await environment.audit('console.flags.changed')).length;

describe('requests from another site', () => {
  const json = { 'content-type': 'application/json', accept: 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

  it.each<[string, Record<string, string>, string | undefined]>([
    ['a form', { ...form, ...evil }, 'enabled=true'],
    ['a form without fields', { ...form, ...evil }, undefined],
    ['JSON', { ...json, ...evil }, '{"enabled":true}'],
    ['JSON sent as text/plain', { ...evil, 'content-type': 'text/plain' }, '{"enabled":true}'],
    ['a form from a wrong origin, in an older browser', { ...form, origin: 'https://evil.example' }, 'enabled=true'],
    ['JSON from a wrong origin, in an older browser', { ...json, origin: 'https://evil.example' }, '{"enabled":true}'],
    ['JSON from the same host over another port', { ...json, origin: 'http://127.0.0.1:1' }, '{"enabled":true}'],
    ['JSON from an opaque origin', { ...json, origin: 'null' }, '{"enabled":true}'],
    ['JSON without an origin', json, '{"enabled":true}'],
    ['a form from our own origin without the token', { ...form, 'sec-fetch-site': 'same-origin' }, 'enabled=true'],
  ])('%s is refused', async (_, headers, body) => {
    const response = await ada.request(environment.url + FLAG, { method: 'POST', headers, ...(body ? { body } : {}) });
    expect([response.status, await flips()]).toEqual([403, 0]);
  });

  it('a sign-out from another site is refused', async () => {
    const out = await ada.request(`${environment.url}/sign-out`, { method: 'POST', headers: { ...form, ...evil } });
    expect(out.status).toBe(403);
    const empty = await ada.request(`${environment.url}/sign-out`, {
      method: 'POST',
      headers: { origin: environment.url },
    });
    expect(empty.status).toBe(403);
    expect((await ada.get(`${environment.url}/console/status`)).status).toBe(200);
  });

  it('a form with the token of another session is refused', async () => {
    const other = createCookieClient();
    await signIn(other, environment.url, 'olga');
    const page = `${environment.url}/console/status`;
    const _csrf = await formToken(other, page);
    const victim = ada.copy();
    victim.setCookie(environment.url, 'console_csrf', other.cookie(environment.url, 'console_csrf') ?? '');
    const response = await victim.submit(environment.url + FLAG, { _csrf, enabled: 'true' });
    expect([response.status, await flips()]).toEqual([403, 0]);
  });

  it('no response allows another origin to read it', async () => {
    const response = await ada.get(`${environment.url}/console/audit`, { origin: 'https://evil.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

it('the session cookie is HttpOnly and SameSite=Lax', async () => {
  const visitor = createCookieClient();
  const response = await signIn(visitor, environment.url, 'vic');
  const cookie = response.headers.getSetCookie().find((line) => line.startsWith(`${SESSION}=`));
  expect(cookie).toMatch(/; path=\/; expires=[^;]+; samesite=lax; httponly$/i);
});
