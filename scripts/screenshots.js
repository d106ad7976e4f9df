// Takes the pictures of the documentation from the running program, so that they stay true: one outage from the broken
// service to the ticket to the recovery, on pages that are opened once and never loaded again; and what is left of it.
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
  await past();
  await until(async () => (await get('/console/status')).counts.OPERATIONAL === 6);
  // So that the latencies have something to tell.
  await sleep(30_000);

  const pages = await Promise.all(SCHEMES.map(open));
  await tell('search', 'slow');
  await shown('#tile-search', 'DEGRADED');
  await picture('outage-1-before');

  await tell('payments', 'down');
  await shown('#tile-payments', 'DOWN');
  await shown('#tile-payments', 'nobody has it');
  await picture('outage-2-ticket');

  await pages[0]?.page.locator('#tile-payments button').click();
  await until(async () => /Filed/.test(await textOf(0, '#tile-payments .outcome')));
  await pages[1]?.page.locator('#tile-payments button').click();
  await until(async () => /Already filed/.test(await textOf(1, '#tile-payments .outcome')));
  const { id } = (await get('/console/status')).surfaces.find(
    (/** @type {any} */ tile) => tile.id === 'payments',
  ).ticket;
  await act(id, { action: 'assign', user: '2' });
  await act(id, { action: 'note', text: 'Restarting the workers.' });
  await shown('#tile-payments', 'last reply');
  await picture('outage-3-investigate');

  await tell('payments', 'healthy');
  await shown('#tile-payments', 'OPERATIONAL');
  await shown('#recovered', 'Payments');
  await picture('outage-4-recovered');
  for (const { page } of pages)
    if (!(await page.evaluate('window.neverReloaded'))) throw new Error('a page was loaded again on the way');

  await tell('auth', 'down');
  await shown('#tile-auth', 'nobody has it');
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
  function shown(selector, text) {
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
  async function picture(name) {
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

/** The days before this one, which nobody can wait for: as they are counted, and a bad one here and there. */
async function past() {
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
function tell(id, state) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${services}/s/${id}/state`, { method: 'POST', headers, body: JSON.stringify({ state }) });
}

/** What a person does on a ticket. @param {number} id @param {Record<string, string>} what */
async function act(id, what) {
  const headers = { 'content-type': 'application/json' };
  const path = `${tickets}/__control/conversations/${id}`;
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(what) });
  if (!answer.ok) throw new Error(`${what.action} on ticket ${id} was answered ${answer.status}`);
}

/** @param {string} path */
async function get(path) {
  return (await fetch(base + path, { headers: { accept: 'application/json' } })).json();
}

/** @param {() => Promise<boolean>} holds */
async function until(holds) {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds().catch(() => false)) return;
    await sleep(200);
  }
  throw new Error('the program did not come to where the pictures are taken');
}
