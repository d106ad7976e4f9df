import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { surfaceMachine } from '../../machines/surface.ts';
import { createChart } from '../../src/actors/chart.ts';
import { readConfig } from '../../src/config.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { fakeServices } from './fakeServices.ts';
import { ACTORS, actorDetail } from './samples.ts';

const SVG = await createChart().draw(surfaceMachine, {
  health: 'down',
  upkeep: 'open',
  investigation: 'idle',
  chores: 'idle',
});
const only = process.argv[2];
const fake = fakeServices({
  actor: async () => ({ ...actorDetail(ACTORS[0]!), chart_svg: SVG }),
  banners: async () => [
    'FreeScout has not answered since 14:05 UTC. Alerts go out by direct message; tickets follow once it is back.',
    'Slack is not configured: set SLACK_BOT_TOKEN and SLACK_DM_USER_ID.',
  ],
});
const s = createHttpServer({ ...readConfig({}), port: 0 }, fake.services, pino({ level: 'warn' }));
const { url } = await s.listen();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const pages: Record<string, string> = {
  status: '/console/status',
  surface: '/console/surfaces/api-prod',
  alerts: '/console/alerts',
  customer: '/console/customers/c-1001/tickets',
  customers: '/console/customers',
  flags: '/console/flags',
  audit: '/console/audit',
  inspect: '/console/inspect/actors',
  actor: '/console/inspect/actors/surface%3Aapi-prod',
  dead: '/console/dead-letters',
  missing: '/nothing',
};
for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 360]) {
    const ctx = await browser.newContext({
      colorScheme,
      viewport: { width, height: 800 },
      hasTouch: width === 360,
      isMobile: width === 360,
    });
    const page = await ctx.newPage();
    page.on('console', (m) => console.log('CONSOLE', m.type(), m.text()));
    page.on('pageerror', (e) => console.log('PAGEERROR', e.message));
    for (const [name, path] of Object.entries(pages)) {
      if (only && !only.split(',').includes(name)) continue;
      await page.goto(url + path);
      await page.waitForTimeout(300);
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (over > 0) console.log('OVERFLOW', name, width, over);
      await page.screenshot({ path: `/tmp/shots/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
    await ctx.close();
  }
await browser.close();
await s.close();
process.exit(0);
