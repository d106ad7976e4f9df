import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tile } from '../../src/model/surfaces.ts';
import { eventually, launchBrowser, openPage, waitUntilLive } from '../support/browser.ts';
import * as samples from './samples.ts';
import { PAGE, type Running, start } from './support.ts';

/** A large fleet on few screens, and what else only a browser shows of the layout. */

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const SCREEN = 900;
/** Names as fleets have them, of 8 to 40 characters. */
const NAMES = [
  'checkout',
  'Search (production)',
  'Invoices of the northern region',
  'mail-relay-2.internal.example.com',
];
const fleet = (): Tile[] =>
  Array.from({ length: 300 }, (_, n) =>
    samples.tile(`s${n}`, {
      name: `${NAMES[n % NAMES.length]} ${n}`,
      group: `Group ${n % 12}`,
      status: n === 7 ? 'DOWN' : n === 8 ? 'DEGRADED' : n === 9 ? 'MAINTENANCE' : 'OPERATIONAL',
      ...(n === 7 && {
        ticket: samples.ticket(412),
        last_check: { at: samples.at(0), latency_ms: 3, error: 'HTTP 500' },
      }),
      ...(n === 8 && { no_ticket_reason: 'flag_off' }),
      ...(n === 9 && { maintenance: { until: samples.at(-50.5), reason: 'Moving to new disks', by: 'ada' } }),
    }),
  );

/** The tiles are made for each request, so that their times are right however late it comes. */
const grid = (surfaces: () => Tile[]) => start({ services: { statusGrid: async () => samples.board(surfaces()) } });
const height = (page: Page) => page.evaluate<number>('document.documentElement.scrollHeight');

async function opened(app: Running, path: string, options = {}) {
  const visit = await openPage(browser, options);
  await visit.page.goto(`${app.url}${path}`);
  return visit;
}

describe('the densities of the status page', () => {
  it('a list of 300 surfaces fits on two screens of 1280 x 900, with every name, problem and ticket', async () => {
    const app = await grid(fleet);
    const { page, complaints } = await opened(app, '/console/status');
    const tiles = await height(page);
    await page.getByRole('link', { name: 'Compact' }).press('Enter');
    await page.waitForURL(/density=compact/);
    const compact = await height(page);
    await page.getByRole('link', { name: 'List', exact: true }).press('Enter');
    await page.waitForURL(/density=list/);
    const list = await height(page);
    expect(list).toBeLessThanOrEqual(2 * SCREEN);
    expect([compact < tiles, list < compact]).toEqual([true, true]);
    expect(await page.locator('.row').count()).toBe(300);
    expect(await page.locator('#tile-s10 a').getAttribute('title')).toBe('Invoices of the northern region 10');
    expect(await page.locator('#tile-s7').textContent()).toMatch(/DOWN.*HTTP 500.*Ticket #412/s);
    expect(await page.locator('#tile-s8').textContent()).toMatch(/No ticket. Tickets for alerts are turned off. Flags/);
    expect(await page.locator('#tile-s9').textContent()).toMatch(/MAINTENANCE.*ends in 50 min/s);
    // The browser remembers the density, on the plain address as well.
    await page.goto(`${app.url}/console/status`);
    expect(await page.locator('.row').count()).toBe(300);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('a list of 1,000 surfaces takes six screens', async () => {
    const surfaces = Array.from({ length: 1_000 }, (_, n) => samples.tile(`s${n}`, { name: `${NAMES[n % 4]} ${n}` }));
    const { page } = await opened(await grid(() => surfaces), '/console/status?density=list');
    expect(await page.locator('.row').count()).toBe(1_000);
    expect(await height(page)).toBeLessThanOrEqual(6 * SCREEN);
    await page.context().close();
  });

  it('a change appears on an open list without a reload', async () => {
    const surfaces = fleet();
    const app = await start({ services: { statusGrid: async () => samples.board([...surfaces]) } });
    const { page } = await opened(app, '/console/status?density=list');
    await waitUntilLive(page);
    surfaces[20] = { ...(surfaces[20] as Tile), status: 'DOWN', since: samples.at(0) };
    app.announce(['surface:s20']);
    await eventually(() => page.locator('#list-attention #tile-s20').textContent()).toMatch(/DOWN/);
    expect(await page.locator('.row').count()).toBe(300);
    await page.context().close();
  });

  it('an unknown density is refused, and a cookie with one is ignored', async () => {
    const app = await grid(fleet);
    expect((await app.get('/console/status?density=huge', PAGE)).status).toBe(400);
    const page = await app.get('/console/status', { ...PAGE, cookie: 'console_density=huge' });
    expect(await page.text()).toContain('<div class="fleet as-tiles"');
  });
});

describe('groups', () => {
  it('a group is collapsed by keyboard, stays collapsed after updates and a reload, and shows its problems', async () => {
    const surfaces = fleet().slice(0, 24);
    const app = await start({ services: { statusGrid: async () => samples.board([...surfaces]) } });
    const { page, complaints } = await opened(app, '/console/status?sort=name');
    await waitUntilLive(page);
    const group = page.locator('details.group', { hasText: 'Group 7' });
    const isOpen = async () => (await group.getAttribute('open')) !== null;
    await group.locator('summary').focus();
    await page.keyboard.press('Enter');
    await eventually(isOpen).toBe(false);
    expect(await group.locator('summary').textContent()).toMatch(/Group 7 2.*1 DOWN/s);
    expect(await page.locator('#tile-s7').isVisible()).toBe(false);
    surfaces[1] = { ...(surfaces[1] as Tile), status: 'DOWN' };
    app.announce(['surface:s1']);
    await eventually(() => page.locator('#tile-s1 .status').textContent()).toBe('DOWN');
    expect(await isOpen()).toBe(false);
    await page.reload();
    await eventually(isOpen).toBe(false);
    expect(await page.locator('details.group[open]').count()).toBe(11);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('without scripts every group is open and can be collapsed', async () => {
    const { page } = await opened(await grid(fleet), '/console/status?density=list', { javaScriptEnabled: false });
    expect(await page.locator('details.group[open]').count()).toBe(12);
    await page.locator('details.group summary').first().click();
    expect(await page.locator('details.group[open]').count()).toBe(11);
    await page.context().close();
  });
});

describe('what a tile and a surface show', () => {
  it('a long name takes two lines at most, and a tile in maintenance has its end and its reason', async () => {
    const name =
      'Reconciliation of transactions of the northern and southern regions with all their subsidiaries abroad';
    const maintenance = () => ({ until: samples.at(-50.5), reason: 'Moving to new disks', by: 'ada' });
    const tiles = () => [
      samples.tile('long', { name }),
      samples.tile('short', { status: 'MAINTENANCE', maintenance: maintenance() }),
    ];
    const { page } = await opened(await grid(tiles), '/console/status');
    const lines = await page.evaluate<number>(`(() => {
      const heading = document.querySelector('#tile-long h3');
      return heading.getBoundingClientRect().height / parseFloat(getComputedStyle(heading).lineHeight);
    })()`);
    expect(Math.round(lines)).toBeLessThanOrEqual(2);
    expect(await page.locator('#tile-long h3 a').getAttribute('title')).toBe(name);
    expect(await page.locator('#tile-short .tile-note').textContent()).toBe('ends in 50 min: Moving to new disks');
    await page.context().close();
  });

  it('times show the local time beside UTC, also after an update, and nothing more where the local time is UTC', async () => {
    const app = await start();
    const local = async (timezoneId: string) => {
      const { page } = await opened(app, '/console/surfaces/api-prod', { timezoneId });
      await waitUntilLive(page);
      await page.evaluate("document.addEventListener('console:updated', () => (window.isUpdated = true))");
      app.announce(['surface:api-prod']);
      await eventually(() => page.evaluate('window.isUpdated')).toBe(true);
      const time = page.locator('.facts time.at').first();
      const shown = await time.getAttribute('data-local');
      const [utc, note] = [await time.textContent(), await page.locator('#time-zone').textContent()];
      await page.context().close();
      return { shown, utc, note };
    };
    const india = await local('Asia/Kolkata');
    expect(india.utc).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    expect(india.shown).toMatch(/^(\d{4}-\d\d-\d\d\s)?\d\d:\d\d:\d\d\s(GMT\+5:30|IST)$/);
    expect(india.note).toMatch(/Asia\/(Kolkata|Calcutta)/);
    expect(await local('UTC')).toMatchObject({ shown: null, note: '' });
  });

  it('the latency of a surface is a chart with axes and units, and the same as text and as a table', async () => {
    const { page, complaints } = await opened(await start(), '/console/surfaces/api-prod');
    const chart = page.locator('.latency-chart');
    expect(await chart.locator('.y-axis li').allTextContents()).toEqual(['400 ms', '200 ms', '0 ms']);
    expect(await chart.locator('.x-axis li').allTextContents()).toEqual(
      Array(3).fill(expect.stringMatching(/^\d\d:\d\d$/)),
    );
    expect(await chart.locator('figcaption').textContent()).toContain('by time (UTC), each point 1 min');
    expect(await chart.getByRole('img').getAttribute('aria-label')).toBe(
      'Latency of the last 1 h: median 80 ms to 86 ms, slowest 280 ms. 2 checks got no response.',
    );
    await chart.locator('summary').focus();
    await page.keyboard.press('Enter');
    await eventually(() => chart.getByRole('table').isVisible()).toBe(true);
    expect(await chart.locator('tbody tr').count()).toBe(60);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
