import axe, { type RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { createSigner } from '../../src/http/signing.ts';
import { openPage } from '../support/browser.ts';
import { HOLDER, SESSION_TOKEN } from './samples.ts';
import type { PageState } from './states/state.ts';
import { SIGN_IN, startServer } from './support.ts';

/** What was wrong with the pages that were looked at, and which they were: `GET /console/status 200`. */
export interface Walk {
  faults: string[];
  visited: Set<string>;
}

/** Everything that axe knows, and how large what fingers press must be. */
const ALL: RunOptions = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
/** What another colour scheme can spoil. */
const COLOURS: RunOptions = { resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] };
/** Half of 1280 is what is left of it at 200 %, and a quarter at 400 %. */
const WIDTHS = { wide: 1280, half: 640, phone: 360, quarter: 320 };
const PATIENCE_MS = 15_000;
const PROVIDER = 'id.example.com';

/** Looks at each of these with one server and one browser window of its own. */
export async function walk(browser: Browser, states: readonly PageState[]): Promise<Walk> {
  const [app, open_] = await Promise.all([startServer({ env: SIGN_IN }), startServer()]);
  // A colour that is still on its way to another is neither.
  const { page, complaints } = await openPage(browser, { reducedMotion: 'reduce' });
  page.setDefaultTimeout(PATIENCE_MS);
  const walked: Walk = { faults: [], visited: new Set() };
  page.on('response', (response) => {
    const request = response.request();
    if (!request.isNavigationRequest()) return;
    walked.visited.add(`${request.method()} ${new URL(response.url()).pathname} ${response.status()}`);
  });
  const cookie = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);

  for (const state of states) {
    const { url, change } = state.as === 'developer' ? open_ : app;
    const session = async () => ({ ...HOLDER, role: 'viewer' as const, remaining_ms: 3_600_000 });
    change({ ...(state.as === 'viewer' ? { session } : {}), ...state.services });
    await page.context().clearCookies();
    if (!state.as || state.as === 'viewer') {
      await page.context().addCookies([{ name: 'console_session', value: cookie, url, httpOnly: true }]);
    }
    const fault = (text: string) => walked.faults.push(`${state.path}, ${state.name}: ${text}`);
    try {
      await look(page, url, state, fault);
    } catch (error) {
      fault(error instanceof Error ? error.message : String(error));
    }
    for (const complaint of complaints.splice(0)) {
      if (!(state.status && complaint.includes(`status of ${state.status}`))) fault(complaint);
    }
  }
  await page.context().close();
  await Promise.all([app.close(), open_.close()]);
  return walked;
}

async function look(page: Page, url: string, state: PageState, fault: (text: string) => void): Promise<void> {
  await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  let status = 0;
  const hear = (response: { status(): number; request(): { isNavigationRequest(): boolean } }) => {
    if (response.request().isNavigationRequest()) status = response.status();
  };
  page.on('response', hear);
  await page.goto(url + state.path);
  await state.act?.(page);
  page.off('response', hear);
  if (status !== (state.status ?? 200)) fault(`was answered ${status}`);
  if (page.url().includes(PROVIDER)) fault('left the console');
  await page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true");
  await page.evaluate(axe.source);

  const examine = async (how: string, options: RunOptions) => {
    for (const { id, nodes } of await violations(page, options)) fault(`${how}: ${id}: ${nodes[0]}`);
  };
  await examine('light, wide', ALL);
  await page.emulateMedia({ colorScheme: 'dark' });
  await examine('dark, wide', COLOURS);
  await page.setViewportSize({ width: WIDTHS.phone, height: 800 });
  await examine('dark, narrow', COLOURS);
  await page.emulateMedia({ colorScheme: 'light' });
  await examine('light, narrow', ALL);
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
