import { describe, expect, it } from 'vitest';
import { bearer, errorOf, FORM, PAGE, SIGN_IN, start, TOKENS, visit } from './support.ts';

const CLICK = '/console/status/investigate/api-prod';

describe('the origin of a request', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling domain', { 'sec-fetch-site': 'same-site' }],
    ['another origin, in an older browser', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
  ])('a POST from %s is refused', async (_who, headers) => {
    const app = await start();
    const response = await app.post(CLICK, {}, headers);
    expect([response.status, (await errorOf(response)).code]).toEqual([403, 'csrf']);
    expect(app.calls).toEqual([]);
  });

  it('a POST from our own pages is accepted by either header', async () => {
    const app = await start();
    expect((await app.post(CLICK, {}, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await app.post(CLICK, {}, { origin: app.url })).status).toBe(200);
    expect((await app.post(CLICK, {}, { origin: 'http://127.0.0.1:3000' })).status).toBe(200);
  });

  it('a POST of a script without either header is accepted from the local developer', async () => {
    const app = await start();
    expect((await app.post(CLICK)).status).toBe(200);
  });

  it('a POST with a Bearer token is accepted from any origin', async () => {
    const app = await start({ env: SIGN_IN });
    const headers = { ...bearer(TOKENS.operator), 'sec-fetch-site': 'cross-site' };
    expect((await app.post(CLICK, {}, headers)).status).toBe(200);
  });

  it('a GET is accepted from any origin', async () => {
    const app = await start();
    expect((await app.get('/console/status', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });
});

describe('forms', () => {
  it('a form with the token of its page and the matching cookie is accepted', async () => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/status');
    const response = await app.post(CLICK, `_csrf=${token}`, { ...FORM, cookie });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/console/status#tile-api-prod']);
  });

  it.each([
    ['without the token', (_: string) => '', true],
    ['with an empty token', (_: string) => '_csrf=', true],
    ['with two tokens', (token: string) => `_csrf=${token}&_csrf=${token}`, true],
    ['with a forged token', (_: string) => '_csrf=AAAA.BBBB', true],
    ['without the cookie', (token: string) => `_csrf=${token}`, false],
  ])('a form %s is refused', async (_how, body, withCookie) => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/status');
    const headers = { ...FORM, accept: 'application/json', ...(withCookie ? { cookie } : {}) };
    const response = await app.post(CLICK, `from=status&${body(token)}`, headers);
    expect([response.status, (await errorOf(response)).code]).toEqual([403, 'csrf']);
    expect(app.calls).toEqual([]);
  });

  it('a form is refused if token and cookie match but are not signed by us', async () => {
    const app = await start();
    const planted = 'cGxhbnRlZA.c2lnbmF0dXJl';
    const headers = { ...FORM, cookie: `console_csrf=${planted}` };
    expect((await app.post(CLICK, `_csrf=${planted}`, headers)).status).toBe(403);
  });

  it('each page has another token, of which no part repeats, and every one of them is accepted', async () => {
    const app = await start();
    const first = await visit(app, '/console/status');
    const again = await app.get('/console/flags', { ...PAGE, cookie: first.cookie });
    expect(again.headers.getSetCookie()).toEqual([]);
    const html = await again.text();
    const tokens = [first.token, /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''];
    // A text that is the same on every compressed page can be guessed from the lengths of many responses.
    const partsOf = (token: string) => token.match(/.{6}/g) ?? [];
    expect(partsOf(tokens[0] ?? '').filter((part) => tokens[1]?.includes(part))).toEqual([]);
    expect(html).not.toContain(decodeURIComponent(first.cookie.split('=')[1] ?? '').slice(0, 20));
    for (const token of tokens) {
      const response = await app.post(CLICK, `_csrf=${token}`, { ...FORM, cookie: first.cookie });
      expect(response.status).toBe(303);
    }
  });
});

describe('cookies', () => {
  it('cookies are HttpOnly and SameSite=Lax', async () => {
    const app = await start();
    const [cookie] = (await app.get('/console/status', PAGE)).headers.getSetCookie();
    expect(cookie).toMatch(/^console_csrf=.*; path=\/; samesite=lax; httponly$/);
  });

  it('cookies of an https console are Secure and have the __Host- prefix', async () => {
    const app = await start({ config: { publicUrl: 'https://console.example.com' } });
    const [cookie] = (await app.get('/console/status', PAGE)).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-console_csrf=.*; path=\/; samesite=lax; secure; httponly$/);
  });

  it('a page for a caller with a Bearer token sets no cookie', async () => {
    const app = await start();
    const page = await app.get('/console/status', { ...PAGE, ...bearer(TOKENS.admin) });
    expect(page.headers.getSetCookie()).toEqual([]);
  });
});
