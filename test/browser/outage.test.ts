import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { eventually, openStage, type Stage, shows, tileOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(await createTestDatabase());
});
afterAll(() => stage.close());

it('an outage, its ticket, a click and the recovery show on a page that was opened once', async () => {
  const { page, complaints } = await stage.visit('/console/status');
  await shows(page, '#tile-payments .status', 'OPERATIONAL');
  await page.evaluate('window.neverReloaded = true');

  stage.services.control.set('payments', 'down');
  await shows(page, '#tile-payments .status', 'DOWN');
  await shows(page, '#tile-payments', /#\d+/);
  const auto = stage.desk.state.tickets.find(({ subject }) => subject.includes('(payments)'));
  expect(
    await tileOf(page, 'payments')
      .getByRole('link', { name: `#${auto?.id}` })
      .getAttribute('href'),
  ).toBe(`${stage.desk.url}/conversation/${auto?.id}`);

  await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
  await shows(page, '#tile-payments .outcome', 'Filed.');
  await page.getByRole('button', { name: 'Investigate Payments' }).press('Enter');
  await shows(page, '#tile-payments .outcome', 'Already filed');

  stage.services.control.set('payments', 'healthy');
  await shows(page, '#tile-payments .status', 'OPERATIONAL');
  await shows(page, '#recovered', 'Payments');
  for (const { id, subject } of stage.desk.state.tickets)
    if (subject.includes('(payments)')) stage.desk.control.act(id, 'status', { status: 'closed' });
  await eventually(async () => expect(await page.locator('#recovered').count()).toBe(0), 90_000);

  expect(await page.evaluate('window.neverReloaded')).toBe(true);
  expect(complaints).toEqual([]);
}, 240_000);
