import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvestigateAnswer } from '../../src/model/surfaces.ts';
import { eventually, launchBrowser, openPage, waitUntilLive } from '../support/browser.ts';
import { freePort } from '../support/freePort.ts';
import { filed, unavailable } from './fakeConsoleApi.ts';
import * as samples from './samples.ts';
import { PAGE, start, startServer } from './support.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A fake of `investigate` that answers only when `answer` is called. */
function pendingClicks() {
  let answer: (answer: InvestigateAnswer) => void = () => {};
  const clicked: string[] = [];
  const investigate = (id: string) => {
    clicked.push(id);
    return new Promise<InvestigateAnswer>((resolve) => {
      answer = resolve;
    });
  };
  return { clicked, investigate, answer: (given: InvestigateAnswer) => answer(given) };
}

const buttonOf = (page: Page, name: string) => page.getByRole('button', { name: `Investigate ${name}` });
const outcomeOf = (page: Page, id: string) => page.locator(`#tile-${id} .outcome`);
const hasFocus = (page: Page, name: string) => buttonOf(page, name).evaluate((button) => button.matches(':focus'));

describe('Investigate with scripts', () => {
  it('pressing Enter twice files one ticket, shows progress and result, and keeps the focus', async () => {
    const { clicked, investigate, answer } = pendingClicks();
    const app = await start({ services: { investigate } });
    const { page, complaints } = await openPage(browser);
    await page.goto(`${app.url}/console/status`);

    const button = buttonOf(page, 'API (production)');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toBe('Filing a ticket in FreeScout…');
    await eventually(() => button.isDisabled()).toBe(true);
    await eventually(() => clicked.length).toBe(1);

    answer(filed('api-prod'));
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toBe('Filed. Ticket #412');
    await eventually(() => hasFocus(page, 'API (production)')).toBe(true);
    expect(await button.isDisabled()).toBe(false);
    expect(clicked).toEqual(['api-prod']);
    expect(await outcomeOf(page, 'api-prod').getAttribute('role')).toBe('status');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each<[string, InvestigateAnswer, RegExp]>([
    ['a ticket exists already', filed('api-prod', true), /Already filed; no new ticket was created. Ticket #412/],
    ['FreeScout is unavailable', unavailable('api-prod'), /FreeScout does not answer/],
  ])('Investigate shows the result if %s', async (_what, given, said) => {
    const app = await start({ services: { investigate: async () => given } });
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/console/status`);
    await buttonOf(page, 'API (production)').press('Enter');
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toMatch(said);
    await page.context().close();
  });

  it('Investigate shows an error of the console, and says so if the console does not answer', async () => {
    const app = await start({ services: { investigate: () => Promise.reject(new Error('x')) } });
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/console/status`);
    await buttonOf(page, 'API (production)').click();
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toContain('An internal error occurred');
    await app.close();
    await buttonOf(page, 'API (production)').click();
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toContain('No response.');
    await page.context().close();
  });
});

describe('Investigate without scripts', () => {
  it('Investigate files a ticket without scripts', async () => {
    const app = await start();
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${app.url}/console/status`);
    await buttonOf(page, 'API (production)').click();
    await eventually(() => outcomeOf(page, 'api-prod').textContent()).toContain('Filed. Ticket #412');
    await page.context().close();
  });
});

describe('an open page', () => {
  it('an update of an open page shows the change and keeps the focus and the results of clicks', async () => {
    const surfaces = samples.SURFACES.map((surface) => ({ ...surface }));
    const app = await start({ services: { statusGrid: async () => samples.board([...surfaces]) } });
    const { page, complaints } = await openPage(browser);
    await page.goto(`${app.url}/console/status`);
    await waitUntilLive(page);
    await buttonOf(page, 'Website').press('Enter');
    await eventually(() => outcomeOf(page, 'web-prod').textContent()).toContain('Filed.');

    surfaces[3] = samples.tile('billing', { name: 'Billing', status: 'DOWN', since: samples.at(0) });
    app.announce(['surface:billing']);
    await eventually(() => page.locator('#tile-billing .status').textContent()).toBe('DOWN');
    expect(await page.title()).toBe('2 down, 1 degraded · Status · Auto-Ticketing');
    expect(await hasFocus(page, 'Website')).toBe(true);
    expect(await outcomeOf(page, 'web-prod').textContent()).toContain('Filed.');

    await buttonOf(page, 'Billing').press('Enter');
    await eventually(() => outcomeOf(page, 'billing').textContent()).toContain('Filed.');
    expect(app.calls.map(({ with: [id] }) => id)).toEqual(['web-prod', 'billing']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('an update keeps open what the viewer has opened', async () => {
    const letters = samples.DEAD_LETTERS.map((letter) => ({ ...letter }));
    const app = await start({
      services: { deadLetters: async () => ({ rows: [...letters], next_cursor: null, total: 1 }) },
    });
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/console/dead-letters`);
    await waitUntilLive(page);
    await page.locator('#letter-d1 summary').click();
    letters.unshift({ ...(letters[0] as (typeof letters)[0]), id: 'd2', src: 'keepTicket' });
    app.announce(['alert:x']);
    await eventually(() => page.locator('.dead-letter').count()).toBe(2);
    expect(await page.locator('#letter-d1 details').getAttribute('open')).toBe('');
    await page.context().close();
  });

  it('an update keeps the text that the viewer is typing', async () => {
    const story = samples.story(samples.tile('billing'));
    const app = await start({ services: { surface: async () => story } });
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/console/surfaces/billing`);
    await waitUntilLive(page);
    await page.getByLabel('Reason').fill('half a sent');
    story.status = 'DOWN';
    app.announce(['surface:billing']);
    await eventually(() => page.locator('.page-head .status').textContent()).toBe('DOWN');
    expect(await page.getByLabel('Reason').inputValue()).toBe('half a sent');
    await page.context().close();
  });

  it('an open page shows that live updates are interrupted, reconnects and catches up', async () => {
    const port = await freePort();
    const first = await startServer({ config: { port } });
    const { page } = await openPage(browser);
    await page.goto(`${first.url}/console/status`);
    await waitUntilLive(page);
    await first.close();
    await eventually(() => page.locator('#link-lost').isVisible()).toBe(true);
    expect(await page.locator('#live-word').textContent()).toBe('Not live');

    const calm = samples.board([samples.tile('api-prod')]);
    await start({ config: { port }, services: { statusGrid: async () => calm } });
    await eventually(() => page.locator('#link-lost').isVisible()).toBe(false);
    await eventually(() => page.locator('#tile-api-prod .status').textContent()).toBe('OPERATIONAL');
    expect(await page.locator('.tile').count()).toBe(1);
    await page.context().close();
  });
});

describe('a grid of 300 surfaces', () => {
  const MANY = 300;
  const many = () =>
    Array.from({ length: MANY }, (_, n) => samples.tile(`s${n}`, { name: `Service ${n}`, group: `Group ${n % 20}` }));

  it('a change on a large grid fetches only the changed tile, moves it to its section and keeps the filter', async () => {
    const surfaces = many();
    const app = await start({ services: { statusGrid: async () => samples.board([...surfaces]) } });
    const { page, complaints } = await openPage(browser);
    await page.goto(`${app.url}/console/status?q=service`);
    await waitUntilLive(page);
    const sizes: number[] = [];
    page.on('response', async (response) => {
      if (response.url().includes('tiles=')) sizes.push((await response.body()).length);
    });
    await page.evaluate("document.getElementById('tile-s9').marked = true");

    surfaces[5] = samples.tile('s5', { name: 'Service 5', group: 'Group 5', status: 'DOWN', since: samples.at(0) });
    app.announce(['surface:s5']);
    await eventually(() => page.locator('#list-attention #tile-s5 .status').textContent()).toBe('DOWN');
    expect(await page.locator('.tile').count()).toBe(MANY);
    expect(await page.locator('[data-same]').count()).toBe(0);
    expect(await page.evaluate("document.getElementById('tile-s9').marked")).toBe(true);

    surfaces[5] = samples.tile('s5', { name: 'Service 5', group: 'Group 5' });
    app.announce(['surface:s5']);
    await eventually(() => page.locator('#list-group-5 #tile-s5 .status').textContent()).toBe('OPERATIONAL');
    expect(await page.locator('#list-group-5 .tile').first().getAttribute('id')).toBe('tile-s5');
    expect(page.url()).toContain('?q=service');
    await eventually(() => sizes.length).toBe(2);
    const wholePage = await (await app.get('/console/status', PAGE)).text();
    expect(Math.max(...sizes)).toBeLessThan(wholePage.length / 10);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('the whole page is fetched if a tile marked as unchanged is missing on the page', async () => {
    const surfaces = many().slice(0, 10);
    const app = await start({ services: { statusGrid: async () => samples.board([...surfaces]) } });
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/console/status`);
    await waitUntilLive(page);
    await page.evaluate("document.getElementById('tile-s3').remove()");
    surfaces[4] = samples.tile('s4', { status: 'DOWN' });
    surfaces.push(samples.tile('s10', { group: 'Group 3' }));
    app.announce(['surface:s10', 'surface:s3']);
    await eventually(() => page.locator('#tile-s3 .status').textContent()).toBe('OPERATIONAL');
    await page.context().close();
  });
});
