import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { checkPage } from '../http/accessibility/checkPage.ts';
import { launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { onFreePort } from '../support/freePort.ts';
import { type Program, startProgram } from '../support/startProgram.ts';
import { waitForText } from './environment.ts';

let database: TestDatabase;
let dir: string;
let program: Program;
let browser: Browser;
let visit: Visit;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-sandbox-'));
  program = await onFreePort(start);
  browser = await launchBrowser();
});
beforeEach(async () => {
  // Colours that are still changing have too little contrast.
  visit = await openPage(browser, { reducedMotion: 'reduce' });
  await signIn(visit.page);
});
afterEach(() => visit.page.context().close());
afterAll(async () => {
  await browser.close();
  await program.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

/** The built program with everything simulated. Reports in words that a port is taken. */
const start = (port: number): Promise<Program> =>
  startProgram([], {
    PORT: String(port),
    DATA_DIR: dir,
    DATABASE_URL: database.url,
    SANDBOX_SIGN_IN: '1',
    POLL_INTERVAL_SECONDS: '1',
  }).catch((error: Error) => {
    throw new Error(/^Port \d+ of .*/m.exec(error.message)?.[0] ?? error.message);
  });

const SITES = ['Console', 'Tickets', 'Slack', 'Services', 'Sign-in'] as const;
const siteOf = (name: (typeof SITES)[number]): string =>
  `http://127.0.0.1:${Number(new URL(program.url).port) + SITES.indexOf(name)}`;
const follow = (page: Page, name: string) => page.getByRole('navigation', { name: 'Sandbox' }).getByText(name).click();

async function signIn(page: Page): Promise<void> {
  await page.goto(`${program.url}/console/status`);
  await page.getByRole('link', { name: /^Sign in with/ }).click();
  await page.getByRole('button', { name: 'Ada, admin' }).click();
  await page.waitForURL(`${program.url}/console/status`);
}

it('a person signs in as an admin, breaks the name of a service, and ends every fault', async () => {
  const { page, complaints } = visit;
  expect(await page.locator('.who').innerText()).toMatch(/ada@example\.com\s+admin/);

  await follow(page, 'Services');
  await page.locator('#api-prod-unresolvable').click();
  await page.getByText('API (production) is unresolvable').waitFor();
  await follow(page, 'Console');
  await waitForText(page, '#tile-api-prod', 'DOWN');
  await waitForText(page, '#tile-api-prod', 'the name service.invalid could not be resolved');

  await follow(page, 'Slack');
  await page.getByText('API (production) is unresolvable').waitFor();
  await page.getByRole('button', { name: 'End all' }).click();
  await page.getByRole('region', { name: 'Active faults' }).waitFor({ state: 'detached' });
  await follow(page, 'Console');
  await waitForText(page, '#tile-api-prod', 'OPERATIONAL');
  expect(complaints).toEqual([]);
}, 240_000);

it('every page of the sandbox, and a page of the console with its mark, is accessible, light and dark, from 320 to 1280 pixels', async () => {
  const { page } = visit;
  await page.goto(`${siteOf('Tickets')}/__control`);
  await page.locator('#fault-lost').click();
  await page.locator('#switch-wrong_key').click();
  const authorize = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'auto-ticketing', scope: 'openid', prompt: 'login' },
    redirect_uri: `${program.url}/sign-in/callback`,
    ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' },
  });
  const pages = [
    { site: 'Console' as const, path: '/console/status' },
    ...['/', '/conversation/1', '/__control', '/api-key'].map((path) => ({ site: 'Tickets' as const, path })),
    ...['/', '/__control'].map((path) => ({ site: 'Slack' as const, path })),
    ...['/', '/__control'].map((path) => ({ site: 'Services' as const, path })),
    ...['/', '/session/end', `/authorize?${authorize}`].map((path) => ({ site: 'Sign-in' as const, path })),
  ];
  const faults: string[] = [];
  for (const { site, path } of pages) {
    const found = await checkPage(page, siteOf(site), { name: site, path });
    faults.push(...found.map((fault) => `${site} ${path}: ${fault}`));
  }
  expect(faults).toEqual([]);
}, 480_000);
