import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/** How long a click or a navigation may take on a busy machine, and the browser to start. */
const ACTION_TIMEOUT_MS = 60_000;

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium at `CHROMIUM_PATH`, or else at /usr/bin/chromium. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ARGS,
    timeout: ACTION_TIMEOUT_MS,
  });

/** Retries an assertion about a page, such as `eventually(() => link.isVisible()).toBe(true)`. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: WAIT_TIMEOUT_MS });

/** Waits until the page receives updates. */
export const waitUntilLive = (page: Page): Promise<void> =>
  page.locator('#live[data-state="live"]').waitFor({ timeout: WAIT_TIMEOUT_MS });

/** Opens a menu of the navigation, which on a narrow screen a button shows first. */
export async function openMenu(page: Page, name: string): Promise<void> {
  const summary = page.locator('.nav summary').filter({ hasText: name });
  if (!(await summary.isVisible())) await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await summary.click();
}

export interface Visit {
  page: Page;
  /** Script errors, and warnings and errors in the browser's console, such as violations of the content policy. */
  complaints: string[];
}

/** Opens a page in a new browser context and records its complaints. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, complaints };
}
