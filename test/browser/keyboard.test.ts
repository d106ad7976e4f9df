import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, startBrowserEnvironment, waitForText } from './environment.ts';

let environment: BrowserEnvironment;
beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase());
});
afterAll(() => environment.close());

const FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

/** The focused element: its label, and whether its focus is visible. */
const focused = (page: Page) =>
  page.evaluate<{ name: string; visible: boolean }>(`(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent;
    const box = element.getBoundingClientRect();
    const marked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    return { name: label.trim().replace(/\\s+/g, ' '), visible: marked && box.width > 0 && box.height > 0 };
  })()`);

/** Presses Tab until the element with this label has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const labels: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    labels.push(now.name);
    if (now.name === name) {
      expect(now.visible, `the focus on ${name} is visible`).toBe(true);
      return;
    }
  }
  throw new Error(`Tab never reached ${name}, only: ${labels.join(' | ')}`);
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

describe('by keyboard alone, with visible focus', () => {
  it('an operator skips to the content and files a ticket', async () => {
    environment.services.control.set('payments', 'down');
    const { page, complaints } = await environment.visit('/console/status');
    await waitForText(page, '#tile-payments .status', 'DOWN');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toEqual({ name: 'Skip to content', visible: true });
    await page.keyboard.press('Enter');
    await tabTo(page, 'Investigate Payments');
    await page.keyboard.press('Enter');
    await waitForText(page, '#tile-payments .outcome', 'Filed.');
    expect(complaints).toEqual([]);
  }, 180_000);

  it('an admin opens a surface and starts maintenance', async () => {
    const { page, complaints } = await environment.visit('/console/status');
    await waitForText(page, '#tile-search', 'Search');
    await tabTo(page, 'Search');
    await page.keyboard.press('Enter');
    await heading(page, 'Search');
    await tabTo(page, 'Reason');
    await page.keyboard.type('new disks');
    await page.keyboard.press('Enter');
    await waitForText(page, 'main', 'new disks');
    expect(complaints).toEqual([]);
  }, 180_000);

  it('an admin turns a flag off and on, and reads the audit log', async () => {
    const { page, complaints } = await environment.visit('/console/status');
    await tabTo(page, 'System');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Flags');
    await page.keyboard.press('Enter');
    await heading(page, 'Flags');
    for (const [button, next] of [
      [`Turn off ${FLAG}`, `Turn on ${FLAG}`],
      [`Turn on ${FLAG}`, `Turn off ${FLAG}`],
    ] as const) {
      await tabTo(page, button);
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: next }).waitFor();
    }
    await tabTo(page, 'History');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Audit');
    await page.keyboard.press('Enter');
    await waitForText(page, 'main', 'console.flags.changed');
    expect(complaints).toEqual([]);
  }, 180_000);

  it('an operator silences an alert, and resolves it by hand', async () => {
    const title = 'The disk of db-3 is full';
    const alert = { alert_id: 'disk-db-3', severity: 'P1', status: 'firing', title, labels: { host: 'db-3' } };
    const sent = await environment.program.post('/api/alerts', { source: 'prometheus', alerts: [alert] });
    expect(sent.status).toBe(202);
    const { page, complaints } = await environment.visit('/console/status');
    const follow = async (name: string, leadsTo: string) => {
      await tabTo(page, name);
      await page.keyboard.press('Enter');
      await heading(page, leadsTo);
    };
    await follow('Alerts', 'Alerts');
    await follow(title, title);
    await follow('Silence this…', 'New silence');
    await tabTo(page, 'Reason');
    await page.keyboard.type('new disks');
    await page.keyboard.press('Enter');
    await heading(page, 'Silences');
    await waitForText(page, 'tbody', /prometheus.*host.*db-3.*active.*new disks.*1 alert/s);

    await follow('Alerts', 'Alerts');
    await follow(title, title);
    await waitForText(page, '.facts', /Silenced until .* by local developer: new disks/);
    await tabTo(page, 'Resolve by hand');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Why it ended');
    await page.keyboard.type('replaced');
    await page.keyboard.press('Enter');
    await waitForText(page, 'body > .banner', 'is resolved.');
    await waitForText(page, '.facts .tags', 'resolved');
    expect(complaints).toEqual([]);
  }, 180_000);
});

describe('the focus', () => {
  it.each([
    'status',
    'surfaces/payments',
    'alerts',
    'silences/new',
    'customers',
    'flags',
    'audit',
    'inspect/actors',
    'dead-letters',
  ])('every element of /console/%s that can have the focus shows it', async (path) => {
    const { page } = await environment.visit(`/console/${path}`);
    const reached: string[] = [];
    const invisible: string[] = [];
    while (reached.length < 60) {
      await page.keyboard.press('Tab');
      // After the last element the focus leaves the page.
      if (await page.evaluate<boolean>('document.activeElement === document.body')) break;
      const { name, visible } = await focused(page);
      reached.push(name);
      if (!visible) invisible.push(name);
    }
    expect(invisible).toEqual([]);
    expect(reached).toEqual(expect.arrayContaining(['Skip to content', 'Status', 'History', 'System']));
  });
});
