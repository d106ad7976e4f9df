import { performance } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, startTestCluster, type TestCluster } from '../support/db.ts';
import { makeDue } from '../support/makeDue.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, waitForText } from './environment.ts';

let environment: BrowserEnvironment;
afterEach(() => environment.close());

const PATHS = [
  '/console/status',
  '/console/surfaces/payments',
  '/console/alerts',
  '/console/flags',
  '/console/audit',
  '/console/inspect/actors',
  '/console/dead-letters',
];

interface Loaded {
  path: string;
  status: number;
  ms: number;
  html: string;
}

/** Loads every page in turn. */
async function loadPages(): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  for (const path of PATHS) {
    const startedAt = performance.now();
    const response = await fetch(environment.url + path, { headers: { accept: 'text/html' } });
    const html = await response.text();
    loaded.push({ path, html, status: response.status, ms: performance.now() - startedAt });
  }
  return loaded;
}

const slowPages = (loaded: Loaded[]) => loaded.filter(({ ms }) => ms > 5_000);
/** Loads every page in time. All of them are loaded again if this machine was too busy for one. */
const expectPages = () =>
  eventually(async () => {
    const loaded = await loadPages();
    expect(loaded.map(({ status }) => status)).toEqual(PATHS.map(() => 200));
    expect(slowPages(loaded)).toEqual([]);
  });
const ticketsOfPayments = () =>
  environment.freescout.state.tickets.filter(({ subject }) => subject.includes('(payments)'));

describe('while FreeScout is unavailable', () => {
  let pool: Awaited<ReturnType<typeof createTestDatabase>>['pool'];
  beforeEach(async () => {
    const database = await createTestDatabase();
    pool = database.pool;
    environment = await startBrowserEnvironment(database);
  });

  it('pages load, a click explains that no ticket was filed, and the alert files its ticket afterwards', async () => {
    const { page } = await environment.visit('/console/status');
    environment.freescout.control.faults.add({ kind: 'reset' });
    environment.services.control.set('payments', 'down');
    await waitForText(page, '#tile-payments .status', 'DOWN');
    await waitForText(page, '#banners', 'FreeScout has been failing');
    await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
    await waitForText(
      page,
      '#tile-payments .outcome',
      'FreeScout does not answer. No ticket was filed and none will be',
    );
    await expectPages();

    environment.freescout.control.faults.clear();
    // The help desk is tried again every 30 s. Another test checks that pause.
    await eventually(async () => {
      await makeDue(pool, 'timer:helpdesk:%betweenTries%');
      expect(ticketsOfPayments()).toHaveLength(1);
    });
    await waitForText(page, '#tile-payments', /#\d+/);
    await eventually(async () => expect(await page.locator('#banners').count()).toBe(0));
    expect(ticketsOfPayments()).toHaveLength(1);
  }, 240_000);
});

describe('while Slack is unavailable', () => {
  beforeEach(async () => {
    environment = await startBrowserEnvironment(await createTestDatabase());
  });

  it('the ticket is filed, and the direct message is sent once Slack is back', async () => {
    const { page } = await environment.visit('/console/status');
    environment.slack.control.faults.add({ kind: 'status', status: 503 });
    environment.services.control.set('payments', 'down');
    await waitForText(page, '#tile-payments', /#\d+/);
    expect(environment.slack.state.messages).toHaveLength(0);
    await expectPages();
    environment.slack.control.faults.clear();
    const openings = () =>
      environment.slack.state.messages.filter(({ thread_ts, text }) => !thread_ts && text.includes('Payments'));
    // The pauses between attempts grow to 60 s while Slack is unavailable.
    await eventually(() => expect(openings()).toHaveLength(1), 120_000);
  }, 240_000);
});

describe('while Postgres is unavailable', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await startTestCluster();
    environment = await startBrowserEnvironment(cluster);
  });

  it('every page answers within 5 s that the database is unavailable', async () => {
    await environment.visit('/console/status');
    await cluster.crash();
    const loaded = await loadPages();
    expect(loaded.map(({ status }) => status)).toEqual(PATHS.map(() => 503));
    expect(loaded.filter(({ html }) => !/database/i.test(html))).toEqual([]);
    expect(slowPages(loaded)).toEqual([]);
    await cluster.start();
  }, 240_000);

  it('an open page shows that it is not live, and shows the outage once Postgres is back', async () => {
    const { page } = await environment.visit('/console/status');
    await waitForText(page, '#tile-payments .status', 'OPERATIONAL');
    await page.evaluate('window.neverReloaded = true');
    const failures = countFailedUpdates(page);
    await cluster.crash();
    environment.services.control.set('payments', 'down');
    await waitForText(page, '#link-lost', 'Live updates are interrupted');
    // Several failed attempts, so that the outage is longer than a short interruption.
    await eventually(() => expect(failures.count).toBeGreaterThanOrEqual(4));
    await cluster.start();

    await waitForText(page, '#tile-payments .status', 'DOWN', 90_000);
    await waitForText(page, '#tile-payments', /#\d+/);
    await eventually(async () => expect(await page.locator('#link-lost').isVisible()).toBe(false));
    expect(await page.evaluate('window.neverReloaded')).toBe(true);
    expect(ticketsOfPayments()).toHaveLength(1);
  }, 240_000);
});

function countFailedUpdates(page: Page): { count: number } {
  const failures = { count: 0 };
  page.on('response', (response) => {
    if (response.status() === 503) failures.count += 1;
  });
  return failures;
}
