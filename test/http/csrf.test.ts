import { describe, expect, it } from 'vitest';
import { bearer, errorOf, FORM, PAGE, SIGN_IN, start, TOKENS, visit } from './support.ts';

const CLICK = '/console/status/investigate/api-prod';

describe('where a request comes from', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling of ours', { 'sec-fetch-site': 'same-site' }],
    ['another origin, in an older browser', { origin: 'https://evil.example' }],
    ['an origin that is kept secret', { origin: 'null' }],
  ])('refuses %s', async (_who, headers) => {
    const app = await start();
    const response = await app.post(CLICK, {}, headers);
    expect([response.status, (await errorOf(response)).code]).toEqual([403, 'csrf']);
    expect(app.calls).toEqual([]);
  });

  it('takes our own pages, by either header', async () => {
    const app = await start();
    expect((await app.post(CLICK, {}, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await app.post(CLICK, {}, { origin: app.url })).status).toBe(200);
    expect((await app.post(CLICK, {}, { origin: 'http://127.0.0.1:3000' })).status).toBe(200);
  });

  it('takes scripts, which send neither', async () => {
    const app = await start();
    expect((await app.post(CLICK)).status).toBe(200);
  });

  it('does not ask it of requests with a token in the Authorization header', async () => {
    const app = await start({ env: SIGN_IN });
    const headers = { ...bearer(TOKENS.operator), 'sec-fetch-site': 'cross-site' };
    expect((await app.post(CLICK, {}, headers)).status).toBe(200);
  });

  it('does not ask it of reading', async () => {
    const app = await start();
    expect((await app.get('/console/status', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });
});

describe('forms', () => {
  it('are taken with the token of the page and the cookie that goes with it', async () => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/status');
    const response = await app.post(CLICK, `_csrf=${token}`, { ...FORM, cookie });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/console/status#tile-api-prod']);
  });

  it.each([
    ['without the token', (_: string) => '', true],
    ['with an empty token', (_: string) => '_csrf=', true],
    ['with two tokens', (token: string) => `_csrf=${token}&_csrf=${token}`, true],
    ['with a token of their own making', (_: string) => '_csrf=AAAA.BBBB', true],
    ['without the cookie', (token: string) => `_csrf=${token}`, false],
  ])('are refused %s', async (_how, body, withCookie) => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/status');
    const headers = { ...FORM, accept: 'application/json', ...(withCookie ? { cookie } : {}) };
    const response = await app.post(CLICK, `from=status&${body(token)}`, headers);
    expect([response.status, (await errorOf(response)).code]).toEqual([403, 'csrf']);
    expect(app.calls).toEqual([]);
  });

  it('are refused where token and cookie agree but are not of our signing', async () => {
    const app = await start();
    const planted = 'cGxhbnRlZA.c2lnbmF0dXJl';
    const headers = { ...FORM, cookie: `console_csrf=${planted}` };
    expect((await app.post(CLICK, `_csrf=${planted}`, headers)).status).toBe(403);
  });

  it('keep working in a page that was opened before another one', async () => {
    const app = await start();
    const first = await visit(app, '/console/status');
    const again = await app.get('/console/flags', { ...PAGE, cookie: first.cookie });
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(await again.text()).toContain(first.token);
  });
});

describe('cookies', () => {
  it('cannot be read by scripts nor sent along by other sites', async () => {
    const app = await start();
    const [cookie] = (await app.get('/console/status', PAGE)).headers.getSetCookie();
    expect(cookie).toMatch(/^console_csrf=.*; path=\/; samesite=lax; httponly$/);
  });

  it('are bound to this host and to https where the console is reached that way', async () => {
    const app = await start({ config: { publicUrl: 'https://console.example.com' } });
    const [cookie] = (await app.get('/console/status', PAGE)).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-console_csrf=.*; path=\/; samesite=lax; secure; httponly$/);
  });

  it('are not handed to scripts with a token', async () => {
    const app = await start();
    const page = await app.get('/console/status', { ...PAGE, ...bearer(TOKENS.admin) });
    expect(page.headers.getSetCookie()).toEqual([]);
  });
});
