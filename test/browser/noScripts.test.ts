import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMenu } from '../support/browser.ts';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, waitForText } from './environment.ts';

let environment: BrowserEnvironment;
beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase());
});
afterAll(() => environment.close());

const FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

it('without scripts a person sees the outage, files a ticket, reads the audit log and turns a flag off', async () => {
  environment.services.control.set('search', 'down');
  const { page } = await environment.visit('/console/status', { javaScriptEnabled: false });
  await eventually(async () => {
    await page.reload();
    expect(await page.locator('#tile-search .status').textContent()).toBe('DOWN');
  });

  await page.getByRole('button', { name: 'Investigate Search' }).click();
  const outcome = page.locator('#tile-search .outcome');
  await waitForText(page, '#tile-search .outcome', /Filed\. Ticket #\d+/);
  const ticket = Number(/#(\d+)/.exec((await outcome.textContent()) ?? '')?.[1]);
  // Tags that a busy machine does not set in time are set by a later request.
  await eventually(() =>
    expect(environment.freescout.state.tickets.find(({ id }) => id === ticket)?.tags).toEqual([
      'auto:status',
      'auto:status:search',
    ]),
  );

  await openMenu(page, 'History');
  await page.getByRole('link', { name: 'Audit' }).click();
  await waitForText(page, 'main', 'console.status.ticket_filed');

  await openMenu(page, 'System');
  await page.getByRole('link', { name: 'Flags' }).click();
  await page.getByRole('button', { name: `Turn off ${FLAG}` }).click();
  await page.getByRole('button', { name: `Turn on ${FLAG}` }).waitFor();
  await page.getByRole('link', { name: 'Status' }).click();
  await page.waitForURL(/\/console\/status$/);
  expect(await page.locator('#tile-search').count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Investigate Search' }).isDisabled()).toBe(true);
  await waitForText(page, '#tile-search .investigate', 'Investigate is off: see Flags.');
}, 120_000);
