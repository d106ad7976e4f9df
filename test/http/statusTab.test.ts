import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner } from '../../src/http/signing.ts';
import type { Tile } from '../../src/model/surfaces.ts';
import { eventually, launchBrowser, openPage, waitUntilLive } from '../support/browser.ts';
import * as samples from './samples.ts';
import { SIGN_IN, start } from './support.ts';

/** What the tab of the status page tells while somebody looks at another one. */

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Scripts of the page believe that its tab is in the background; notifications are only recorded. */
const BACKGROUND = `
  window.inBackground = false;
  Object.defineProperty(document, 'visibilityState', { get: () => (window.inBackground ? 'hidden' : 'visible') });
  window.notified = [];
  window.asked = 0;
  window.Notification = class {
    static permission = 'default';
    static requestPermission = async () => { window.asked += 1; Notification.permission = 'granted'; return 'granted'; };
    constructor(title) { window.notified.push(title); }
  };`;

async function setBackground(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`window.inBackground = ${hidden}; document.dispatchEvent(new Event('visibilitychange'));`);
}

async function openStatus() {
  const surfaces: Tile[] = [samples.tile('web'), samples.tile('api')];
  const grid = () => samples.board(surfaces.map((tile) => ({ ...tile })));
  const app = await start({
    services: { statusGrid: async () => grid(), statusCounts: async () => grid().counts },
  });
  const { page, complaints } = await openPage(browser);
  await page.addInitScript(BACKGROUND);
  await page.clock.install();
  await page.goto(`${app.url}/console/status`);
  await waitUntilLive(page);
  const become = (n: number, status: Tile['status']) => {
    surfaces[n] = { ...(surfaces[n] as Tile), status, since: samples.at(0) };
  };
  return { app, page, complaints, become };
}

const icon = (page: Page) => page.locator('link[rel="icon"]').getAttribute('href');
/** The next poll of a tab in the background, up to its answer. */
async function poll(page: Page): Promise<void> {
  const answered = page.waitForResponse(/\/console\/status\/counts/);
  await page.clock.fastForward(15_000);
  await answered;
}

describe('a tab in the background', () => {
  it('a tab in the background changes its title and icon when something goes down, and again when it is over', async () => {
    const { app, page, complaints, become } = await openStatus();
    expect([await page.title(), await icon(page)]).toEqual([
      'Status · Auto-Ticketing',
      expect.stringMatching(/\/icon.svg$/),
    ]);
    await setBackground(page, true);
    await eventually(app.watchers).toBe(0);
    become(0, 'DOWN');
    become(1, 'DEGRADED');
    await poll(page);
    await eventually(() => page.title()).toBe('1 down, 1 degraded · Status · Auto-Ticketing');
    expect(await icon(page)).toMatch(/\/icon-down.svg$/);
    become(0, 'OPERATIONAL');
    await poll(page);
    await eventually(() => page.title()).toBe('1 degraded · Status · Auto-Ticketing');
    expect(await icon(page)).toMatch(/\/icon-degraded.svg$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('a tab in the background that learns nothing says so, and is right again once somebody looks at it', async () => {
    const { app, page } = await openStatus();
    await setBackground(page, true);
    const failing = async () => {
      throw new Error('gone');
    };
    app.change({ statusCounts: failing });
    await poll(page);
    await eventually(() => page.title()).toBe('Not live · Status · Auto-Ticketing');
    expect(await icon(page)).toMatch(/\/icon-unknown.svg$/);
    await setBackground(page, false);
    await eventually(() => page.title()).toBe('Status · Auto-Ticketing');
    await page.context().close();
  });

  it('requests of a tab in the background do not keep a session alive', async () => {
    const uses: boolean[] = [];
    const app = await start({
      env: SIGN_IN,
      services: {
        session: async (_token, { use }) => {
          uses.push(use);
          return { ...samples.HOLDER, authenticated_ms: null, remaining_ms: 3_600_000 };
        },
      },
    });
    const cookie = `console_session=${createSigner(SIGN_IN.SESSION_SECRET).sign('session', samples.SESSION_TOKEN)}`;
    const response = await app.get('/console/status/counts', { cookie, 'hx-request': 'true' });
    expect([await response.json(), uses]).toEqual([{ counts: samples.board(samples.SURFACES).counts }, [false]]);
  });
});

describe('notifications', () => {
  it('a notification is asked for only on a click, and shown when something goes down in the background', async () => {
    const { page, complaints, become } = await openStatus();
    const button = page.getByRole('button', { name: 'Notify me' });
    expect([await page.evaluate('window.asked'), await button.getAttribute('aria-pressed')]).toEqual([0, 'false']);
    await button.focus();
    await page.keyboard.press('Enter');
    await eventually(() => button.getAttribute('aria-pressed')).toBe('true');
    expect(await page.evaluate('window.asked')).toBe(1);
    await setBackground(page, true);
    become(0, 'DOWN');
    await poll(page);
    await eventually(() => page.evaluate('window.notified')).toEqual(['1 down']);
    await poll(page);
    become(1, 'DOWN');
    await poll(page);
    await eventually(() => page.evaluate('window.notified')).toEqual(['1 down', '2 down']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('there is no notification unless somebody asked for it', async () => {
    const { page, become } = await openStatus();
    await setBackground(page, true);
    become(0, 'DOWN');
    await poll(page);
    await eventually(() => page.title()).toMatch(/^1 down/);
    expect(await page.evaluate('window.notified')).toEqual([]);
    await page.context().close();
  });
});
