import { expect, it } from 'vitest';
import { ALERTS } from './samples.ts';
import { errorOf, start } from './support.ts';

const KEY = 'grafana:a/b%?#ü';
const PATH = `/console/alerts/${encodeURIComponent(KEY)}/resolve`;

it('an alert is resolved with a reason, whatever characters its key has', async () => {
  const app = await start();
  const response = await app.post(PATH, { reason: 'its sender is gone' });
  expect([response.status, await response.json()]).toEqual([200, { alert_key: KEY, state: 'resolved' }]);
  expect(app.calls).toEqual([{ what: 'resolveAlert', with: [KEY, 'its sender is gone', 'local developer'] }]);
});

it.each([{}, { reason: '' }, { reason: ' ' }])('an alert is not resolved without a reason (case %#)', async (body) => {
  const app = await start();
  const response = await app.post(PATH, body);
  expect([response.status, (await errorOf(response)).field]).toEqual([400, 'reason']);
});

it('the list has a form for each active alert, which resolves it', async () => {
  const app = await start();
  const page = await app.get('/console/alerts', { accept: 'text/html' });
  const html = await page.text();
  const active = ALERTS.filter(({ state }) => state !== 'resolved');
  const actions = [...html.matchAll(/action="(\/console\/alerts\/[^"]+\/resolve)"/g)].map(([, action]) => action);
  expect(actions).toEqual(active.map(({ alert_key }) => `/console/alerts/${encodeURIComponent(alert_key)}/resolve`));
  const cookie = page.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
  const fields = new URLSearchParams({ _csrf, reason: 'lost' }).toString();
  const refused = await app.post(actions[0] ?? '', 'reason=lost', { ...form, cookie });
  expect(refused.status).toBe(403);
  const done = await app.post(actions[0] ?? '', fields, { ...form, cookie });
  expect([done.status, done.headers.get('location')]).toEqual([303, '/console/alerts']);
  const onItsPage = await app.post(actions[0] ?? '', `${fields}&from=alert`, { ...form, cookie });
  expect(onItsPage.headers.get('location')).toBe((actions[0] ?? '').replace('/resolve', ''));
});
