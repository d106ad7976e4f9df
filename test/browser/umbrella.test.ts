import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertRow } from '../../src/model/alerts.ts';
import type { PageOf } from '../../src/model/operations.ts';
import { createTestDatabase } from '../support/db.ts';
import { eventually, openStage, type Stage, shows, tileOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(await createTestDatabase(), { STORM_MAX_TICKETS: '1' });
});
afterAll(() => stage.close());

it('who finds no place for a ticket of its own shows the umbrella ticket, wherever somebody looks for one', async () => {
  const { page, complaints } = await stage.visit('/console/status');
  const ids = ['payments', 'search', 'web-prod'];
  for (const id of ids) await shows(page, `#tile-${id} .status`, 'OPERATIONAL');
  for (const id of ids) stage.services.control.set(id, 'down');

  const rows = await eventually(async () => {
    const { rows } = await stage.read<PageOf<AlertRow>>('/console/alerts?state=firing');
    expect(rows.filter(({ ticket }) => ticket !== null)).toHaveLength(3);
    return rows;
  });
  const umbrella = stage.desk.state.tickets.find(({ subject }) => subject.includes('STORM'));
  const shared = rows.filter(({ ticket }) => ticket?.id === umbrella?.id);
  expect(shared.map(({ ticket, no_ticket_reason }) => [ticket?.shared_with, no_ticket_reason])).toEqual([
    [1, null],
    [1, null],
  ]);
  const id = shared[0]?.surface_id ?? '';

  const said = /open.*umbrella of a storm, shared with 1 other alert · nobody has it/s;
  await shows(page, `#tile-${id} .tile-ticket`, said);
  const link = tileOf(page, id).getByRole('link', { name: `Ticket #${umbrella?.id}` });
  expect(await link.getAttribute('href')).toBe(`${stage.desk.url}/conversation/${umbrella?.id}`);

  const story = await stage.visit(`/console/surfaces/${id}`);
  await shows(story.page, '.facts', said);
  await shows(story.page, 'table:has(caption:text-is("Outages"))', `#${umbrella?.id} open shared with 1 other alert`);
  await shows(story.page, 'table:has(caption:text-is("Tickets"))', 'Umbrella of a storm');
  const list = await stage.visit('/console/alerts');
  await shows(list.page, `tr:has-text("${shared[0]?.alert_key}")`, said);

  // A click is an order of its own, and its ticket is about this surface alone.
  await tileOf(page, id).getByRole('button', { name: 'Investigate' }).press('Enter');
  await shows(page, `#tile-${id} .outcome`, 'Filed.');
  await eventually(async () => expect(await tileOf(page, id).innerText()).not.toContain('umbrella'));

  stage.services.control.set(shared[1]?.surface_id ?? '', 'healthy');
  await shows(page, `#tile-${shared[1]?.surface_id} .status`, 'OPERATIONAL');
  await eventually(async () =>
    expect(
      await tileOf(page, shared[1]?.surface_id ?? '')
        .locator('.tile-ticket')
        .count(),
    ).toBe(0),
  );
  expect([complaints, story.complaints, list.complaints]).toEqual([[], [], []]);
}, 240_000);
