import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StatusGrid, SurfaceStory, Tile } from '../../src/model/surfaces.ts';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, tileOf, waitForText } from './environment.ts';

/** What the status page says of one surface that fails twice, is healed, and is not clicked. */

const ALERTS = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const INVESTIGATE = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

let environment: BrowserEnvironment;
beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase());
});
afterAll(() => environment.close());

async function payments(): Promise<Tile> {
  const { surfaces } = await environment.read<StatusGrid>('/console/status');
  return surfaces.find(({ id }) => id === 'payments') as Tile;
}

/** The percentage and the bar of today on the open page. */
async function availability(page: Page): Promise<{ percent: number; isDownToday: boolean }> {
  const tile = tileOf(page, 'payments');
  const percent = Number.parseFloat((await tile.locator('.uptime').textContent()) ?? '');
  const today = new Date().toISOString().slice(0, 10);
  const bars = await tile.locator('.bars').getAttribute('aria-label');
  return { percent, isDownToday: bars?.includes(`Down on 1 day, last on ${today}.`) ?? false };
}

const setFlag = async (name: string, enabled: boolean) =>
  expect((await environment.program.post(`/console/flags/${name}`, { enabled })).status).toBe(200);

async function becomes(page: Page, status: string): Promise<void> {
  environment.services.control.set('payments', status === 'DOWN' ? 'down' : 'healthy');
  await waitForText(page, '#tile-payments .status', status);
}

it('an outage that was healed and not clicked leaves its ticket on the page, and the next one does not take it for its own', async () => {
  const { page, complaints } = await environment.visit('/console/status');
  await waitForText(page, '#tile-payments .status', 'OPERATIONAL');
  await page.evaluate('window.neverReloaded = true');
  await becomes(page, 'DOWN');
  // At the moment of the change the percentage and the bar know of the failure.
  const changed = await availability(page);
  expect(changed.isDownToday).toBe(true);
  expect(changed.percent).toBeLessThan(99);
  await waitForText(page, '#tile-payments .tile-ticket', /Ticket #\d+/);
  const first = (await payments()).ticket?.id;

  await becomes(page, 'OPERATIONAL');
  await waitForText(page, '#recovered', new RegExp(`Payments.*Ticket #${first}`, 's'));
  expect(await page.locator('#recovered .count').textContent()).toBe('1');
  expect(await page.locator('.all-operational').textContent()).toMatch(/No problems now.*1 ticket is still open/);
  expect((await availability(page)).isDownToday).toBe(true);
  expect((await availability(page)).percent).toBeLessThan(100);

  await setFlag(ALERTS, false);
  await setFlag(INVESTIGATE, false);
  await waitForText(
    page,
    '#banners',
    /Tickets for alerts are off since .* UTC, by local developer: no active alert waits/,
  );
  await becomes(page, 'DOWN');
  await waitForText(page, '#tile-payments .tile-ticket', 'No ticket. Tickets for alerts are turned off.');
  expect(await tileOf(page, 'payments').locator('.tile-earlier').textContent()).toBe(`earlier: Ticket #${first}`);
  await waitForText(page, '#banners', '1 P1 alert has no ticket.');
  const button = page.getByRole('button', { name: 'Investigate Payments' });
  expect(await button.isDisabled()).toBe(true);
  await waitForText(page, '#tile-payments .investigate', 'Investigate is off: see Flags.');

  await setFlag(INVESTIGATE, true);
  await setFlag(ALERTS, true);
  await waitForText(page, '#tile-payments .tile-ticket', /Ticket #\d+/);
  await eventually(async () => expect(await page.locator('#banners').count()).toBe(0));
  await eventually(async () => expect(await button.isDisabled()).toBe(false));
  const second = (await payments()).ticket?.id;
  const { outages } = await environment.read<SurfaceStory>('/console/surfaces/payments');
  expect(outages.map(({ tickets }) => tickets)).toEqual([[second], [first]]);
  expect(second).not.toBe(first);
  expect(await page.evaluate('window.neverReloaded')).toBe(true);
  expect(complaints).toEqual([]);
}, 240_000);
