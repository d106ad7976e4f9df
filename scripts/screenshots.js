// Takes the pictures of the documentation from the running program, so that they stay true: an outage, its ticket, its story.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 4300;
const base = `http://127.0.0.1:${port}`;
const services = `http://127.0.0.1:${port + 3}`;
const data = mkdtempSync(join(tmpdir(), 'auto-ticketing-pictures-'));

const program = spawn(process.execPath, ['scripts/start.js'], {
  cwd: root,
  env: { ...process.env, PORT: String(port), DATA_DIR: data, POLL_INTERVAL_SECONDS: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  await until(async () => (await fetch(`${base}/readyz`)).ok);
  await tell('payments', 'down');
  await tell('search', 'slow');
  await until(async () => (await get('/console/alerts')).rows.filter(({ ticket }) => ticket).length === 1);
  await post('/console/status/investigate/search');
  await tell('auth', 'down');
  await until(async () => (await get('/console/alerts')).rows.filter(({ ticket }) => ticket).length === 2);
  await post('/console/status/investigate/auth');
  await tell('auth', 'healthy');
  await until(async () => (await get('/console/status')).recovered_with_open_ticket === 1);

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1100, height: 760 } });
    for (const [name, path] of [
      ['status', '/console/status'],
      ['alerts', '/console/alerts'],
      ['inspect', '/console/inspect/actors/surface:payments'],
    ]) {
      await page.goto(base + path);
      await page.screenshot({ path: join(root, `docs/images/${name}-${scheme}.png`) });
    }
    await page.close();
  }
  await browser.close();
} finally {
  program.kill('SIGTERM');
  await new Promise((resolve) => program.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}

/** @param {string} id @param {string} state */
function tell(id, state) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${services}/s/${id}/state`, { method: 'POST', headers, body: JSON.stringify({ state }) });
}

/** @param {string} path */
async function get(path) {
  return (await fetch(base + path, { headers: { accept: 'application/json' } })).json();
}

/** @param {string} path */
function post(path) {
  return fetch(base + path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
  });
}

/** @param {() => Promise<boolean>} holds */
async function until(holds) {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds().catch(() => false)) return;
    await sleep(200);
  }
  throw new Error('the program did not come to where the pictures are taken');
}
