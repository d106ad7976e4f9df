import axe, { type RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { createSigner } from '../../src/http/signing.ts';
import { openPage } from '../support/browser.ts';
import { HOLDER, SESSION_TOKEN } from './samples.ts';
import type { PageState } from './states/state.ts';
import { SIGN_IN, startServer } from './support.ts';

/** The faults that were found, and the pages that were visited, such as `GET /console/status 200`. */
export interface PageReport {
  faults: string[];
  visited: Set<string>;
}

/** All rules of axe, and the size of touch targets. */
const ALL: RunOptions = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
/** The rules whose result depends on the colour scheme. */
const COLOURS: RunOptions = { resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] };
/** A window of 1280 pixels has 640 left at 200 % zoom, and 320 at 400 %. */
const WIDTHS = { wide: 1280, half: 640, phone: 360, quarter: 320 };
const ACTION_TIMEOUT_MS = 15_000;
const PROVIDER = 'id.example.com';

/** Checks each state of these pages, with servers and a browser window of its own. */
export async function checkPages(browser: Browser, states: readonly PageState[]): Promise<PageReport> {
  const [app, appWithoutSignIn] = await Promise.all([startServer({ env: SIGN_IN }), startServer()]);
  // Colour transitions would give false results.
  const { page, complaints } = await openPage(browser, { reducedMotion: 'reduce' });
  page.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const report: PageReport = { faults: [], visited: new Set() };
  page.on('response', (response) => {
    const request = response.request();
    if (!request.isNavigationRequest()) return;
    report.visited.add(`${request.method()} ${new URL(response.url()).pathname} ${response.status()}`);
  });
  const cookie = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);

  for (const state of states) {
    const { url, change } = state.as === 'developer' ? appWithoutSignIn : app;
    const session = async () => ({ ...HOLDER, role: 'viewer' as const, remaining_ms: 3_600_000 });
    change({ ...(state.as === 'viewer' ? { session } : {}), ...state.services });
    await page.context().clearCookies();
    if (!state.as || state.as === 'viewer') {
      await page.context().addCookies([{ name: 'console_session', value: cookie, url, httpOnly: true }]);
    }
    const fault = (text: string) => report.faults.push(`${state.path}, ${state.name}: ${text}`);
    try {
      await checkState(page, url, state, fault);
    } catch (error) {
      fault(error instanceof Error ? error.message : String(error));
    }
    for (const complaint of complaints.splice(0)) {
      if (!(state.status && complaint.includes(`status of ${state.status}`))) fault(complaint);
    }
  }
  await page.context().close();
  await Promise.all([app.close(), appWithoutSignIn.close()]);
  return report;
}

async function checkState(page: Page, url: string, state: PageState, fault: (text: string) => void): Promise<void> {
  await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  let status = 0;
  const recordStatus = (response: { status(): number; request(): { isNavigationRequest(): boolean } }) => {
    if (response.request().isNavigationRequest()) status = response.status();
  };
  page.on('response', recordStatus);
  await page.goto(url + state.path);
  await state.act?.(page);
  page.off('response', recordStatus);
  if (status !== (state.status ?? 200)) fault(`has status ${status}`);
  if (page.url().includes(PROVIDER)) fault('left the console');
  await page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true");
  await page.evaluate(axe.source);

  const runAxe = async (mode: string, options: RunOptions) => {
    for (const { id, nodes } of await violations(page, options)) fault(`${mode}: ${id}: ${nodes[0]}`);
  };
  await runAxe('light, wide', ALL);
  await page.emulateMedia({ colorScheme: 'dark' });
  await runAxe('dark, wide', COLOURS);
  await page.setViewportSize({ width: WIDTHS.phone, height: 800 });
  await runAxe('dark, narrow', COLOURS);
  await page.emulateMedia({ colorScheme: 'light' });
  await runAxe('light, narrow', ALL);
  for (const width of Object.values(WIDTHS)) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (beyond > 0) fault(`scrolls sideways by ${beyond} at ${width}`);
  }
}

interface Violation {
  id: string;
  nodes: string[];
}

const violations = (page: Page, options: RunOptions): Promise<Violation[]> =>
  page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))`,
  );
