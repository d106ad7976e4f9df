import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, waitForText } from './environment.ts';

let environment: BrowserEnvironment;
beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase(), {}, ['web']);
});
afterAll(() => environment.close());

it('an open page says that no worker runs and what to do, until one runs, and again when it has ended', async () => {
  const { page, complaints } = await environment.visit('/console/alerts');
  const warning = /No worker is running: no surface is checked.*start a worker \("auto-ticketing worker"/;
  await waitForText(page, '#banners', warning);
  await page.evaluate('window.neverReloaded = true');
  const worker = await environment.start(['worker']);
  await eventually(async () => expect(await page.locator('#banners').count()).toBe(0));
  await worker.kill();
  await waitForText(page, '#banners', warning);
  expect(await page.evaluate('window.neverReloaded')).toBe(true);
  expect(complaints).toEqual([]);
}, 240_000);
