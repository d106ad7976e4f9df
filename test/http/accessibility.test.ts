import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open } from '../support/browser.ts';
import { start } from './support.ts';

const PATHS = [
  '/console/status',
  '/console/surfaces/api-prod',
  '/console/surfaces/api-staging',
  '/console/alerts',
  '/console/customers',
  '/console/customers/c-1001/tickets',
  '/console/flags',
  '/console/audit',
  '/console/inspect/actors',
  '/console/inspect/actors/surface%3Aapi-prod',
  '/console/dead-letters',
  '/console/reconcile',
  '/console/dead-letters/d1',
  '/console/sessions',
];
const BANNERS = { banners: async () => ['FreeScout does not answer.', 'Slack is not configured.'] };

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)(
  'every page is accessible in the %s, %i wide, without a complaint of the browser',
  async (colorScheme, width) => {
    const app = await start({ services: BANNERS });
    const { page, complaints } = await open(browser, { colorScheme, viewport: { width, height: 800 } });
    const violations: string[] = [];
    for (const path of PATHS) {
      await page.goto(app.url + path);
      const found = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      violations.push(...found.violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`));
    }
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  },
  120_000,
);

it('no page scrolls sideways on a narrow screen, nor at 200 %', async () => {
  const app = await start({ services: BANNERS });
  const sideways: string[] = [];
  for (const width of [320, 360, 640]) {
    const { page } = await open(browser, { viewport: { width, height: 700 }, isMobile: width < 640 });
    for (const path of PATHS) {
      await page.goto(app.url + path);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (beyond > 0) sideways.push(`${path} at ${width}: ${beyond}`);
    }
    await page.context().close();
  }
  expect(sideways).toEqual([]);
}, 120_000);

it('a problem page is accessible too', async () => {
  const app = await start();
  const { page } = await open(browser);
  await page.goto(`${app.url}/nothing`);
  const found = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  await page.context().close();
});
