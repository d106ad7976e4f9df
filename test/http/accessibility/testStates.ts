import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSigner } from '../../../src/http/signing.ts';
import { launchBrowser, openPage, type Visit } from '../../support/browser.ts';
import { HOLDER, SESSION_TOKEN } from '../samples.ts';
import type { PageState } from '../states/state.ts';
import { SIGN_IN, start } from '../support.ts';
import { checkPage } from './checkPage.ts';

/** Defines one test for each of these pages and states. They share a browser tab, because a new one takes a second. */
export function testStates(states: readonly PageState[]): void {
  let browser: Browser;
  let visit: Visit;
  beforeAll(async () => {
    browser = await launchBrowser();
    // Colour transitions would give false results.
    visit = await openPage(browser, { reducedMotion: 'reduce' });
  });
  afterEach(async () => {
    await visit.page.goto('about:blank');
    await visit.page.context().clearCookies();
    visit.complaints.length = 0;
  });
  afterAll(() => browser.close());

  it.each(states.map((state) => ({ ...state, state })))(
    '$path ($name) is accessible in light and dark, at every width, without horizontal scrolling or browser errors',
    async ({ state }) => {
      const session = async () => ({
        ...HOLDER,
        authenticated_ms: null,
        role: 'viewer' as const,
        remaining_ms: 3_600_000,
      });
      const services = { ...(state.as === 'viewer' ? { session } : {}), ...state.services };
      const { url } = await start(state.as === 'developer' ? { services } : { services, env: SIGN_IN });
      const { page, complaints } = visit;
      if (!state.as || state.as === 'viewer') {
        const value = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);
        await page.context().addCookies([{ name: 'console_session', value, url, httpOnly: true }]);
      }
      const faults = await checkPage(page, url, state);
      expect(faults).toEqual([]);
      expect(complaints.filter((text) => !(state.status && text.includes(`status of ${state.status}`)))).toEqual([]);
    },
  );
}
