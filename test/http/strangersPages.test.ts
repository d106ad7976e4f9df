import { expect, it, vi } from 'vitest';
import { createSigner } from '../../src/http/signing.ts';
import type { Banner } from '../../src/model/operations.ts';
import { SESSION_TOKEN } from './samples.ts';
import { bearer, PAGE, SIGN_IN, start, TOKENS } from './support.ts';

const MARK = 'The sender payroll gives the alert Salary run of ACME a new id each time';

async function startWithBanner() {
  const banners = vi.fn(async (): Promise<Banner[]> => [{ text: MARK, advice: '', link: null, sections: null }]);
  const app = await start({ env: SIGN_IN, services: { banners } });
  return { app, banners };
}

const cookie = { cookie: `console_session=${createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN)}` };

it.each([
  ['without a session', {}],
  ['with a session that does not exist', { cookie: 'console_session=x.y' }],
  ['with the token of a sender', bearer(TOKENS.prometheus)],
])('the pages of signing in and out show no banner to a caller %s, and query none', async (_, headers) => {
  const { app, banners } = await startWithBanner();
  const pages = [
    await app.get('/sign-in', { ...PAGE, ...headers }),
    await app.get('/sign-in', { ...PAGE, ...headers, 'hx-request': 'true' }),
    await app.get('/sign-in?fragment', { ...PAGE, ...headers }),
    await app.post('/sign-out', undefined, { ...PAGE, ...headers }),
  ];
  for (const page of pages) {
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).not.toContain(MARK);
  }
  expect(banners).not.toHaveBeenCalled();
});

it('the page after signing out shows no banner', async () => {
  const { app, banners } = await startWithBanner();
  const page = await app.post('/sign-out', {}, { ...PAGE, ...cookie, 'sec-fetch-site': 'same-origin' });
  expect([page.status, (await page.text()).includes(MARK)]).toEqual([200, false]);
  expect(banners).not.toHaveBeenCalled();
});

it('a signed-in person and the token of a viewer see the banners of a page', async () => {
  const { app } = await startWithBanner();
  for (const headers of [cookie, bearer(TOKENS.viewer)]) {
    expect(await (await app.get('/console/status', { ...PAGE, ...headers })).text()).toContain(MARK);
  }
});
