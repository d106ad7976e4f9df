import axe, { type RunOptions } from 'axe-core';
import type { Page, Response } from 'playwright-core';
import { expectedPage, type PageState } from '../states/state.ts';

/** All rules of axe, and the size of touch targets. */
const ALL: RunOptions = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
/** The rules whose result depends on the colour scheme. */
const COLOURS: RunOptions = { resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] };
/** The rules whose result depends on the width: what is hidden, what scrolls, how large and on which ground it is. */
const LAYOUT: RunOptions = {
  resultTypes: ['violations'],
  runOnly: [
    'aria-hidden-focus',
    'aria-required-children',
    'aria-required-parent',
    'button-name',
    'color-contrast',
    'label',
    'link-name',
    'scrollable-region-focusable',
    'target-size',
  ],
};
/** A window of 1280 pixels has 640 left at 200 % zoom, and 320 at 400 %. */
const WIDTHS = { wide: 1280, half: 640, phone: 360, quarter: 320 };

/** Brings the page to this state and checks it in light and dark and at every width. Resolves with its faults. */
export async function checkPage(page: Page, url: string, state: PageState): Promise<string[]> {
  const faults: string[] = [];
  await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  const answered = await openState(page, url, state);
  if (answered !== expectedPage(state)) faults.push(`the server answered ${answered}`);
  // A menu of the navigation covers part of the page; a state of its own shows it.
  await page.evaluate("for (const closed of document.querySelectorAll('details:not(.menu)')) closed.open = true");
  await page.evaluate(axe.source);

  const runAxe = async (mode: string, options: RunOptions) => {
    for (const { id, nodes } of await violations(page, options)) faults.push(`${mode}: ${id}: ${nodes[0]}`);
  };
  await runAxe('light, wide', ALL);
  await page.emulateMedia({ colorScheme: 'dark' });
  await runAxe('dark, wide', COLOURS);
  await page.setViewportSize({ width: WIDTHS.phone, height: 800 });
  await runAxe('dark, narrow', LAYOUT);
  for (const width of Object.values(WIDTHS)) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (beyond > 0) faults.push(`scrolls sideways by ${beyond} at ${width}`);
  }
  return faults;
}

/** Resolves with the last answer to a navigation, such as `GET /console/status 200`. */
async function openState(page: Page, url: string, state: PageState): Promise<string> {
  let last = 'nothing';
  const onResponse = (response: Response) => {
    const request = response.request();
    if (!request.isNavigationRequest()) return;
    const { origin, pathname } = new URL(response.url());
    last = `${request.method()} ${origin === url ? '' : origin}${pathname} ${response.status()}`;
  };
  page.on('response', onResponse);
  await page.goto(url + state.path);
  await state.act?.(page);
  // Where the actions led to another page, its styles may still be under way.
  await page.waitForLoadState();
  page.off('response', onResponse);
  return last;
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
