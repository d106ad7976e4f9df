import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/db.ts';
import { eventually, openStage, type Stage, shows } from './stage.ts';

/** What a person sees while something that we depend on is away: the truth, soon, and its end without doing anything. */

let cluster: TestCluster;
let stage: Stage;
beforeEach(async () => {
  cluster = await startTestCluster();
  stage = await openStage(cluster);
});
afterEach(() => stage.close());

const PATHS = [
  '/console/status',
  '/console/surfaces/payments',
  '/console/alerts',
  '/console/flags',
  '/console/audit',
  '/console/inspect/actors',
  '/console/dead-letters',
];

/** Each page's status and how many milliseconds it took to come, whole. */
async function answers(paths = PATHS): Promise<{ path: string; status: number; ms: number; html: string }[]> {
  const found = [];
  for (const path of paths) {
    const from = performance.now();
    const response = await fetch(stage.url + path, { headers: { accept: 'text/html' } });
    found.push({ path, html: await response.text(), status: response.status, ms: performance.now() - from });
  }
  return found;
}

const tooSlow = (found: { path: string; ms: number }[]) => found.filter(({ ms }) => ms > 5_000);

describe('while FreeScout is away', () => {
  it('pages come and say so, a click is answered in words, and the alert gets its ticket afterwards', async () => {
    const { page } = await stage.visit('/console/status');
    stage.desk.control.faults.add({ kind: 'reset' });
    stage.services.control.set('payments', 'down');
    await shows(page, '#tile-payments .status', 'DOWN');
    await shows(page, '#banners', 'FreeScout has been failing');
    await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
    await shows(page, '#tile-payments .outcome', 'FreeScout does not answer. No ticket was filed and none will be');
    const found = await answers();
    expect(found.map(({ status }) => status)).toEqual(PATHS.map(() => 200));
    expect(tooSlow(found)).toEqual([]);

    stage.desk.control.faults.clear();
    await shows(page, '#tile-payments', /#\d+/, 90_000);
    await eventually(async () => expect(await page.locator('#banners').count()).toBe(0));
    expect(stage.desk.state.tickets.filter(({ subject }) => subject.includes('(payments)'))).toHaveLength(1);
  }, 240_000);
});

describe('while Slack is away', () => {
  it('the ticket stands all the same, and the message comes once Slack is back', async () => {
    const { page } = await stage.visit('/console/status');
    stage.slack.control.faults.add({ kind: 'status', status: 503 });
    stage.services.control.set('payments', 'down');
    await shows(page, '#tile-payments', /#\d+/);
    expect(stage.slack.state.messages).toHaveLength(0);
    expect(tooSlow(await answers())).toEqual([]);
    stage.slack.control.faults.clear();
    await eventually(() => expect(stage.slack.state.messages.filter((m) => !m.thread_ts)).toHaveLength(1), 120_000);
  }, 240_000);
});

describe('while Postgres is away for half a minute', () => {
  it('pages say so within 5 s, the open one says that it is not live, and everything comes back by itself', async () => {
    const { page } = await stage.visit('/console/status');
    await shows(page, '#tile-payments .status', 'OPERATIONAL');
    await page.evaluate('window.neverReloaded = true');
    await cluster.crash();
    const from = performance.now();
    const found = await answers();
    expect(found.map(({ status }) => status)).toEqual(PATHS.map(() => 503));
    expect(found.filter(({ html }) => !/database/i.test(html))).toEqual([]);
    expect(tooSlow(found)).toEqual([]);
    stage.services.control.set('payments', 'down');
    await shows(page, '#link-lost', 'The live link is lost');
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 30_000 - (performance.now() - from))));
    await cluster.start();

    await shows(page, '#tile-payments .status', 'DOWN', 90_000);
    await shows(page, '#tile-payments', /#\d+/);
    await eventually(async () => expect(await page.locator('#link-lost').isVisible()).toBe(false));
    expect(await page.evaluate('window.neverReloaded')).toBe(true);
    expect(stage.desk.state.tickets.filter(({ subject }) => subject.includes('(payments)'))).toHaveLength(1);
  }, 240_000);
});
