import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { eventually, openStage, type Stage, shows } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(await createTestDatabase());
});
afterAll(() => stage.close());

const FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

it('with scripts off an operator sees the outage, files a ticket, reads the audit and flips a flag', async () => {
  stage.services.control.set('search', 'down');
  const { page } = await stage.visit('/console/status', { javaScriptEnabled: false });
  await eventually(async () => {
    await page.reload();
    expect(await page.locator('#tile-search .status').textContent()).toBe('DOWN');
  });

  await page.getByRole('button', { name: 'Investigate Search' }).click();
  const said = page.locator('#tile-search .outcome');
  await shows(page, '#tile-search .outcome', /Filed\. Ticket #\d+/);
  const ticket = Number(/#(\d+)/.exec((await said.textContent()) ?? '')?.[1]);
  expect(stage.desk.state.tickets.find(({ id }) => id === ticket)?.tags).toEqual(['auto:status', 'auto:status:search']);

  await page.getByRole('link', { name: 'Audit' }).click();
  await shows(page, 'main', 'console.status.ticket_filed');

  await page.getByRole('link', { name: 'Flags' }).click();
  await page.getByRole('button', { name: `Turn off ${FLAG}` }).click();
  await page.getByRole('button', { name: `Turn on ${FLAG}` }).waitFor();
  await page.getByRole('link', { name: 'Status' }).click();
  await page.waitForURL(/\/console\/status$/);
  expect(await page.locator('#tile-search').count()).toBe(1);
  expect(await page.getByRole('button', { name: /Investigate/ }).count()).toBe(0);
}, 120_000);
