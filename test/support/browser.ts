import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium of this system; `CHROMIUM_PATH` says where it is elsewhere. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: QUIET });

/** Waits for what a page comes to show, on a busy machine too. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 });

/** Until the page hears what changes: what is said before that, it shows only when it looks anew by itself. */
export const waitUntilLive = (page: Page): Promise<void> =>
  page.locator('#live[data-state="live"]').waitFor({ timeout: 15_000 });

export interface Visit {
  page: Page;
  /** What the browser complained about: errors of scripts and what the policy blocked. */
  complaints: string[];
}

/** A page of its own, with an ear for complaints. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, complaints };
}
