import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openMenu, openPage, waitUntilLive } from '../support/browser.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../support/signInEnvironment.ts';

let environment: SignInEnvironment;
let browser: Browser;
beforeAll(async () => {
  [environment, browser] = await Promise.all([startSignInEnvironment(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await environment.close();
});

/** Colours that are still changing have too little contrast. */
const CALM = { reducedMotion: 'reduce' } as const;

async function violations(page: Page): Promise<string[]> {
  // A page shows its text before its styles.
  await page.waitForLoadState();
  const { violations: found } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: /^Sign in with/ }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Go on' }).click();
}

it.each([
  ['light', 1280],
  ['dark', 360],
] as const)(
  'a person signs in, is revoked, signs in again and signs out, with the %s colour scheme at a width of %i',
  async (colorScheme, width) => {
    const { page, complaints } = await openPage(browser, { ...CALM, colorScheme, viewport: { width, height: 800 } });
    const faults: string[] = [];
    const checkPage = async (what: string) => {
      faults.push(...(await violations(page)).map((fault) => `${what}: ${fault}`));
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (beyond > 0) faults.push(`${what}: scrolls sideways by ${beyond}`);
    };

    await page.goto(`${environment.url}/console/flags`);
    await checkPage('sign-in');
    await signInAs(page, 'ada');
    await page.waitForURL(`${environment.url}/console/flags`);
    expect(await page.locator('.who').innerText()).toMatch(/ada@example\.com\s+admin/);
    await checkPage('signed in');

    await openMenu(page, 'Access');
    await checkPage('menu');
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.waitForURL(`${environment.url}/console/sessions`);
    await checkPage('sessions');
    await openMenu(page, 'Access');
    await page.getByRole('link', { name: 'Refusals' }).click();
    await page.waitForURL(`${environment.url}/console/refusals`);
    await checkPage('refusals');

    await page.goto(`${environment.url}/console/status`);
    await waitUntilLive(page);
    // Another admin ends the session at the second process: the open page leads to the sign-in page by itself.
    const headers = { authorization: 'Bearer an-api-token-of-an-admin-0123456789' };
    const { rows } = (await (await fetch(`${environment.second}/console/sessions`, { headers })).json()) as {
      rows: { id: string }[];
    };
    await fetch(`${environment.second}/console/sessions/${rows[0]?.id}/revoke`, { method: 'POST', headers });
    await page.waitForURL(/\/sign-in\?to=%2Fconsole%2Fstatus$/);

    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await page.waitForURL(`${environment.url}/console/status`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    await checkPage('signed out');
    await page.goBack();
    await page.getByRole('link', { name: /^Sign in with/ }).waitFor();

    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  },
  120_000,
);

it('a person without a role gets an explanation, and can sign in as a different user', async () => {
  const { page } = await openPage(browser, CALM);
  await page.goto(`${environment.url}/console/status`);
  await signInAs(page, 'mallory');
  await page.getByText('none of your groups has a role here').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Sign in as a different user' }).click();
  await page.getByLabel('Name').fill('vic');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL(`${environment.url}/console/status`);
  expect(await page.locator('.who').innerText()).toMatch(/vic@example\.com\s+viewer/);
  await page.context().close();
}, 120_000);

it('the page about an unavailable provider is accessible', async () => {
  const late = await startSignInEnvironment({}, { providerIsDown: true });
  const { page, complaints } = await openPage(browser, CALM);
  await page.goto(`${late.url}/console/status`);
  await page.getByText('so nobody can sign in now').waitFor();
  expect([await violations(page), complaints]).toEqual([[], []]);
  await page.context().close();
  await late.close();
}, 120_000);
