// Takes the screenshots of the documentation from the running program: one outage from the failing service to the ticket
// and the recovery, on pages that are opened once and never reloaded, and then the other pages.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { startEmbeddedPostgres } from '../src/sandbox/postgres/embedded.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 4300;
const base = `http://127.0.0.1:${port}`;
const tickets = `http://127.0.0.1:${port + 1}`;
const services = `http://127.0.0.1:${port + 3}`;
const data = mkdtempSync(join(tmpdir(), 'auto-ticketing-pictures-'));
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const postgres = await startEmbeddedPostgres({ dir: join(data, 'postgres') });
const program = spawn(process.execPath, ['scripts/start.js'], {
  cwd: root,
  env: {
    ...process.env,
    PORT: String(port),
    DATA_DIR: data,
    DATABASE_URL: postgres.url,
    POLL_INTERVAL_SECONDS: '1',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await until(async () => (await fetch(`${base}/readyz`)).ok);
  await insertPastDays();
  // The latency charts show up to 30 checks.
  await until(async () =>
    (await get('/console/status')).surfaces.every(
      (/** @type {any} */ tile) => tile.status === 'OPERATIONAL' && tile.recent.length >= 25,
    ),
  );

  const pages = await Promise.all(SCHEMES.map(open));
  await setService('search', 'slow');
  await waitForText('#tile-search', 'DEGRADED');
  await screenshot('outage-1-before');

  await setService('payments', 'down');
  await waitForText('#tile-payments', 'DOWN');
  await waitForText('#tile-payments', 'Unassigned');
  await screenshot('outage-2-ticket');

  await pages[0]?.page.locator('#tile-payments button').click();
  await until(async () => /Filed/.test(await textOf(0, '#tile-payments .outcome')));
  await pages[1]?.page.locator('#tile-payments button').click();
  await until(async () => /Already filed/.test(await textOf(1, '#tile-payments .outcome')));
  const { id } = (await get('/console/status')).surfaces.find(
    (/** @type {any} */ tile) => tile.id === 'payments',
  ).ticket;
  await changeTicket(id, { action: 'assign', user: '2' });
  await changeTicket(id, { action: 'note', text: 'Restarting the workers.' });
  await waitForText('#tile-payments', 'last reply');
  await screenshot('outage-3-investigate');

  await setService('payments', 'healthy');
  await waitForText('#tile-payments', 'OPERATIONAL');
  await waitForText('#recovered', 'Payments');
  await screenshot('outage-4-recovered');
  for (const { page } of pages)
    if (!(await page.evaluate('window.neverReloaded'))) throw new Error('A page was reloaded.');

  await setService('auth', 'down');
  await waitForText('#tile-auth', 'Unassigned');
  for (const { scheme, page } of pages) {
    for (const [name, path] of [
      ['status', '/console/status'],
      ['surface', '/console/surfaces/payments'],
      ['alerts', '/console/alerts'],
      ['inspect', '/console/inspect/actors/surface:payments'],
    ]) {
      await page.goto(base + path);
      await page.screenshot({ path: join(root, `docs/images/${name}-${scheme}.png`) });
    }
  }

  /** @param {string} selector @param {string} text */
  function waitForText(selector, text) {
    return until(async () => {
      const texts = await Promise.all(pages.map((_, n) => textOf(n, selector)));
      return texts.every((found) => found.includes(text));
    });
  }

  /** @param {number} n @param {string} selector */
  async function textOf(n, selector) {
    return (await pages[n]?.page.locator(selector).textContent({ timeout: 1_000 })) ?? '';
  }

  /** @param {string} name */
  async function screenshot(name) {
    for (const { scheme, page } of pages)
      await page.screenshot({ path: join(root, `docs/images/${name}-${scheme}.png`) });
  }
} finally {
  await browser.close();
  program.kill('SIGTERM');
  await new Promise((resolve) => program.once('exit', resolve));
  await postgres.stop();
  rmSync(data, { recursive: true, force: true });
}

/** @param {'light' | 'dark'} scheme */
async function open(scheme) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1100, height: 760 } });
  await page.goto(`${base}/console/status`);
  await page.evaluate('window.neverReloaded = true');
  return { scheme, page };
}

/** Fills the last 74 days with counts, some of them with failures. */
async function insertPastDays() {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(
    `insert into surface_days (surface_id, day, operational, degraded, down, maintenance)
     select s.id, (now() at time zone 'UTC')::date - d, 2880, case when (d * 7 + s.position * 13) % 31 = 0 then 40 else 0 end,
       case when (d + s.position * 17) % 43 = 0 then 12 else 0 end, 0
     from surfaces s, generate_series(1, 74) d`,
  );
  await client.end();
}

/** @param {string} id @param {string} state */
function setService(id, state) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${services}/s/${id}/state`, { method: 'POST', headers, body: JSON.stringify({ state }) });
}

/** Changes a ticket as a person would. @param {number} id @param {Record<string, string>} change */
async function changeTicket(id, change) {
  const headers = { 'content-type': 'application/json' };
  const path = `${tickets}/__control/conversations/${id}`;
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(change) });
  if (!response.ok) throw new Error(`Could not ${change.action} ticket ${id}: status ${response.status}.`);
}

/** @param {string} path */
async function get(path) {
  return (await fetch(base + path, { headers: { accept: 'application/json' } })).json();
}

/** @param {() => Promise<boolean>} condition */
async function until(condition) {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await condition().catch(() => false)) return;
    await sleep(200);
  }
  throw new Error('The expected state was not reached within a minute.');
}
