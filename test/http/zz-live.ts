import { chromium } from 'playwright-core';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const base = 'http://127.0.0.1:4611';
const pages: Record<string, string> = { status: '/console/status', surface: '/console/surfaces/api-prod', alerts: '/console/alerts', audit: '/console/audit', inspect: '/console/inspect/actors', actor: '/console/inspect/actors/surface%3Aapi-prod', dead: '/console/dead-letters', flags: '/console/flags' };
const key = ((await (await fetch(base + '/console/alerts')).json()) as { rows: { alert_key: string }[] }).rows[0]?.alert_key;
if (key) pages.alert = `/console/inspect/actors/${encodeURIComponent(`alert:${key}`)}`;
const ctx = await browser.newContext({ colorScheme: 'light', viewport: { width: 1280, height: 800 } });
const page = await ctx.newPage();
page.on('console', (m) => console.log('CONSOLE', m.type(), m.text()));
for (const [name, path] of Object.entries(pages)) {
  const r = await page.goto(base + path);
  if (r?.status() !== 200) console.log(name, r?.status());
  await page.waitForTimeout(300);
  await page.screenshot({ path: `/tmp/shots/live-${name}.png`, fullPage: true });
}
await browser.close();
