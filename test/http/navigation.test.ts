import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner } from '../../src/http/signing.ts';
import { eventually, launchBrowser, openMenu, openPage, waitUntilLive } from '../support/browser.ts';
import { HOLDER, SESSION_TOKEN } from './samples.ts';
import { bearer, PAGE, SIGN_IN, start, TOKENS } from './support.ts';

/** The navigation of every page: its menus, and who finds what in them. */

const EVERYBODY = [
  ...['Status', 'Alerts', 'Silences', 'Customers', 'History: Weekly, Audit'],
  'System: Sources, Dead letters, Reconciler, Flags, Inspect',
];
const ADMINISTRATION = 'Access: Sessions, Refusals';

/** Each entry on the first level, a menu with its entries; and what is marked as current. */
async function navigationOf(path: string, role: 'viewer' | 'admin', env?: Record<string, string>) {
  const app = await start(env === undefined ? {} : { env });
  const page = await (await app.get(path, { ...PAGE, ...(env === undefined ? {} : bearer(TOKENS[role])) })).text();
  const html = /<nav class="nav".*?<\/nav>/s.exec(page)?.[0] ?? '';
  const firstLevel = html.replaceAll(/<details.*?<\/details>/gs, (menu) => {
    const [label = '', ...entries] = textsOf(menu);
    return `<a>${label}: ${entries.join(', ')}</a>`;
  });
  const current = [...html.matchAll(/aria-current="(\w+)"[^>]*>([^<]+)/g)].map(([, as, label]) => `${label} ${as}`);
  return { entries: textsOf(firstLevel), current };
}

const textsOf = (html: string): string[] =>
  [...html.matchAll(/<(?:a|summary)[^>]*>([^<]+)/g)].map(([, label = '']) => label);

describe('the entries', () => {
  it('an admin finds the pages for admins in a menu of their own, where people sign in', async () => {
    const ofAdmin = await navigationOf('/console/status', 'admin', SIGN_IN);
    expect(ofAdmin.entries).toEqual([...EVERYBODY, ADMINISTRATION]);
    expect((await navigationOf('/console/status', 'viewer', SIGN_IN)).entries).toEqual(EVERYBODY);
    expect((await navigationOf('/console/status', 'admin')).entries).toEqual(EVERYBODY);
  });

  it.each([
    ['/console/alerts', ['Alerts page']],
    ['/console/dead-letters', ['System true', 'Dead letters page']],
    ['/console/audit', ['History true', 'Audit page']],
    ['/console/refusals', ['Access true', 'Refusals page']],
  ])('the entry of %s is marked as the current page, and so is its menu', async (path, current) => {
    expect((await navigationOf(path, 'admin', SIGN_IN)).current).toEqual(current);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** The status page of a person with a long name. */
  async function openStatus(width: number) {
    const session = async () => ({
      ...HOLDER,
      name: 'maximiliane.featherstonehaugh-oberhausen@platform-operations.example.com',
      authenticated_ms: null,
      remaining_ms: 3_600_000,
    });
    const { url } = await start({ env: SIGN_IN, services: { session } });
    const { page, complaints } = await openPage(browser, { viewport: { width, height: 800 } });
    const value = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);
    await page.context().addCookies([{ name: 'console_session', value, url, httpOnly: true }]);
    await page.goto(`${url}/console/status`);
    await waitUntilLive(page);
    return { page, complaints };
  }

  const menu = (page: Page, name: string) => page.locator('.menu', { has: page.getByText(name, { exact: true }) });
  const isOpen = async (page: Page, name: string) => (await menu(page, name).getAttribute('open')) !== null;
  const focused = (page: Page) => page.evaluate<string>('document.activeElement.textContent');

  /** The rows of the header, each with the number of its parts. */
  async function headerRows(page: Page): Promise<number[]> {
    await page.locator('#notify').waitFor();
    const middles = await page.evaluate<number[]>(
      `[...document.querySelector('header').children].filter((each) => each.checkVisibility())
        .map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)`,
    );
    const rows: number[][] = [];
    for (const middle of middles.toSorted((a, b) => a - b)) {
      const last = rows.at(-1);
      if (last && middle - (last[0] ?? 0) < 4) last.push(middle);
      else rows.push([middle]);
    }
    return rows.map((row) => row.length);
  }

  it('the header of the status page is one row at 1280 pixels, also with a long name', async () => {
    const { page, complaints } = await openStatus(1280);
    expect(await headerRows(page)).toEqual([5]);
    expect((await page.locator('.nav').boundingBox())?.height).toBeLessThan(45);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('the header of the status page is two rows at 360 pixels, with whether it is current and who is signed in', async () => {
    const { page, complaints } = await openStatus(360);
    expect(await headerRows(page)).toEqual([3, 2]);
    expect((await page.locator('header').boundingBox())?.height).toBeLessThan(100);
    for (const part of ['#live', '.who .name', '.who .quiet', '.who button'])
      expect(await page.locator(part).isVisible(), part).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('at 360 pixels the navigation opens by keyboard, and closes with Escape and when the focus leaves it', async () => {
    const { page, complaints } = await openStatus(360);
    const isShown = () => page.locator('.nav').isVisible();
    await page.getByRole('button', { name: 'Menu' }).focus();
    expect(await isShown()).toBe(false);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect([await isShown(), await focused(page)]).toEqual([true, 'Status']);
    await page.keyboard.press('Escape');
    await eventually(isShown).toBe(false);
    await eventually(() => focused(page)).toBe('Menu');

    await page.keyboard.press('Space');
    for (const label of ['Status', 'Alerts', 'Silences', 'Customers', 'History', 'System', 'Access']) {
      await page.keyboard.press('Tab');
      expect([await isShown(), await focused(page)]).toEqual([true, label]);
    }
    await page.keyboard.press('Tab');
    await eventually(isShown).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('at 360 pixels the navigation opens without scripts', async () => {
    const { url } = await start();
    const { page } = await openPage(browser, { viewport: { width: 360, height: 800 }, javaScriptEnabled: false });
    await page.goto(`${url}/console/status`);
    await openMenu(page, 'System');
    await page.locator('.nav').getByRole('link', { name: 'Flags' }).click();
    await page.waitForURL(`${url}/console/flags`);
    expect(await page.locator('.nav').isVisible()).toBe(false);
    await page.context().close();
  });

  it('a menu opens by keyboard, and closes with Escape, when the focus leaves it, and by a press elsewhere', async () => {
    const { page, complaints } = await openStatus(1280);
    await page.locator('summary', { hasText: 'System' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect([await isOpen(page, 'System'), await focused(page)]).toEqual([true, 'Sources']);
    await page.keyboard.press('Escape');
    expect([await isOpen(page, 'System'), await focused(page)]).toEqual([false, 'System']);

    await page.keyboard.press('Space');
    for (const label of ['Sources', 'Dead letters', 'Reconciler', 'Flags', 'Inspect', 'Access']) {
      expect(await isOpen(page, 'System')).toBe(true);
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(label);
    }
    await eventually(() => isOpen(page, 'System')).toBe(false);

    await openMenu(page, 'History');
    await openMenu(page, 'System');
    expect([await isOpen(page, 'History'), await isOpen(page, 'System')]).toEqual([false, true]);
    await page.locator('h1').click();
    expect(await isOpen(page, 'System')).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('every menu fits on a screen of 360 pixels', async () => {
    const { page } = await openStatus(360);
    for (const name of ['History', 'System', 'Access']) {
      await openMenu(page, name);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      const box = await menu(page, name).locator('ul').boundingBox();
      expect(beyond, name).toBeLessThanOrEqual(0);
      expect(box?.x, name).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 999), name).toBeLessThanOrEqual(360);
    }
    await page.context().close();
  });
});
