import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from '../support/browser.ts';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, tileOf, waitForText } from './environment.ts';

let environment: BrowserEnvironment;
beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase());
});
afterAll(() => environment.close());

it('a page that stays open shows an outage, its ticket, the result of a click and the recovery', async () => {
  const { page, complaints } = await environment.visit('/console/status');
  await waitForText(page, '#tile-payments .status', 'OPERATIONAL');
  await page.evaluate('window.neverReloaded = true');

  environment.services.control.set('payments', 'down');
  await waitForText(page, '#tile-payments .status', 'DOWN');
  await waitForText(page, '#tile-payments', /#\d+/);
  const auto = environment.freescout.state.tickets.find(({ subject }) => subject.includes('(payments)'));
  expect(
    await tileOf(page, 'payments')
      .getByRole('link', { name: `#${auto?.id}` })
      .getAttribute('href'),
  ).toBe(`${environment.freescout.url}/conversation/${auto?.id}`);

  await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
  await waitForText(page, '#tile-payments .outcome', 'Filed.');
  await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
  await waitForText(page, '#tile-payments .outcome', 'Already filed');

  environment.services.control.set('payments', 'healthy');
  await waitForText(page, '#tile-payments .status', 'OPERATIONAL');
  await waitForText(page, '#recovered', 'Payments');
  for (const { id, subject } of environment.freescout.state.tickets)
    if (subject.includes('(payments)')) environment.freescout.control.act(id, 'status', { status: 'closed' });
  // The reconciler finds closed tickets, once a minute.
  await eventually(async () => expect(await page.locator('#recovered').count()).toBe(0), 150_000);

  expect(await page.evaluate('window.neverReloaded')).toBe(true);
  expect(complaints).toEqual([]);
}, 360_000);

const untilSearchIs = (status: string) =>
  eventually(async () => {
    const { surfaces } = await environment.read<{ surfaces: { id: string; status: string }[] }>('/console/status');
    expect(surfaces.find(({ id }) => id === 'search')?.status).toBe(status);
  });

it('a change between the rendering of a page and the opening of its live link is shown without a reload', async () => {
  const { page } = await openPage(environment.browser);
  // The regular refresh would show the change as well, only later.
  await page.addInitScript('window.setInterval = () => 0');
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await page.route('**/console/events*', async (route) => {
    await opened;
    await route.continue();
  });
  await untilSearchIs('OPERATIONAL');
  await page.goto(`${environment.url}/console/surfaces/search`);
  await waitForText(page, '#main .status', 'OPERATIONAL');
  environment.services.control.set('search', 'down');
  await untilSearchIs('DOWN');
  open();
  await waitForText(page, '#main .status', 'DOWN');
}, 240_000);
