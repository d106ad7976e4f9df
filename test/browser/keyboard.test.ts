import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { openStage, type Stage, shows } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(await createTestDatabase());
});
afterAll(() => stage.close());

const FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

/** What has the focus: how it is called, and whether one can see that it has it. */
const focused = (page: Page) =>
  page.evaluate<{ name: string; visible: boolean }>(`(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent;
    const box = element.getBoundingClientRect();
    const marked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    return { name: label.trim().replace(/\\s+/g, ' '), visible: marked && box.width > 0 && box.height > 0 };
  })()`);

/** Presses Tab until that has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    passed.push(now.name);
    if (now.name === name) {
      expect(now.visible, `the focus on ${name} can be seen`).toBe(true);
      return;
    }
  }
  throw new Error(`Tab never came to ${name}, only to: ${passed.join(' | ')}`);
}

it('everything an operator does is done by keyboard alone, and the focus can be seen', async () => {
  stage.services.control.set('payments', 'down');
  const { page, complaints } = await stage.visit('/console/status');
  await shows(page, '#tile-payments .status', 'DOWN');

  await page.keyboard.press('Tab');
  expect(await focused(page)).toEqual({ name: 'Skip to content', visible: true });
  await page.keyboard.press('Enter');
  await tabTo(page, 'Investigate Payments');
  await page.keyboard.press('Enter');
  await shows(page, '#tile-payments .outcome', 'Filed.');

  await page.goto(`${stage.url}/console/status`);
  await tabTo(page, 'Payments');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Payments', level: 1 }).waitFor();
  await tabTo(page, 'Reason');
  await page.keyboard.type('new disks');
  await page.keyboard.press('Enter');
  await shows(page, 'main', 'new disks');

  await page.goto(`${stage.url}/console/status`);
  await tabTo(page, 'Flags');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Flags', level: 1 }).waitFor();
  await tabTo(page, `Turn off ${FLAG}`);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: `Turn on ${FLAG}` }).waitFor();

  await tabTo(page, 'Audit');
  await page.keyboard.press('Enter');
  await shows(page, 'main', 'console.flags.changed');
  expect(complaints).toEqual([]);
}, 180_000);

it('on every page each thing that can have the focus shows it', async () => {
  const { page } = await stage.visit('/console/status');
  const invisible: string[] = [];
  for (const path of [
    'status',
    'surfaces/payments',
    'alerts',
    'customers',
    'flags',
    'audit',
    'inspect/actors',
    'dead-letters',
  ]) {
    await page.goto(`${stage.url}/console/${path}`);
    const count = await page.evaluate<number>(
      `[...document.querySelectorAll('a[href], button:not(:disabled), input:not([type=hidden]), select, summary')]
        .filter((element) => element.checkVisibility()).length`,
    );
    for (let n = 0; n < Math.min(count, 60); n++) {
      await page.keyboard.press('Tab');
      const { name, visible } = await focused(page);
      if (!visible) invisible.push(`${path}: ${name}`);
    }
  }
  expect(invisible).toEqual([]);
}, 120_000);
