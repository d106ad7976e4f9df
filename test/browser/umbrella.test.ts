import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '../../src/model/alerts.ts';
import type { PageOf } from '../../src/model/operations.ts';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment, tileOf, waitForText } from './environment.ts';

/** Four surfaces fail while one ticket is allowed: three alerts share the umbrella ticket, one for each test that changes it. */
const SURFACES = ['payments', 'search', 'web-prod', 'auth'];

interface UmbrellaAlert {
  alertKey: string;
  surfaceId: string;
}

let environment: BrowserEnvironment;
let umbrella: { id: number; url: string };
let stormRows: AlertRow[];
let displayed: UmbrellaAlert;
let clicked: UmbrellaAlert;
let recovered: UmbrellaAlert;

beforeAll(async () => {
  environment = await startBrowserEnvironment(await createTestDatabase(), { STORM_MAX_TICKETS: '1' });
  const { page } = await environment.visit('/console/status');
  for (const id of SURFACES) await waitForText(page, `#tile-${id} .status`, 'OPERATIONAL');
  for (const id of SURFACES) environment.services.control.set(id, 'down');
  stormRows = await eventually(async () => {
    const { rows } = await firingAlerts();
    expect(rows.filter(({ ticket }) => ticket !== null)).toHaveLength(SURFACES.length);
    return rows;
  });
  const ticket = environment.freescout.state.tickets.find(({ subject }) => subject.includes('STORM'));
  umbrella = { id: ticket?.id ?? 0, url: `${environment.freescout.url}/conversation/${ticket?.id}` };
  [displayed, clicked, recovered] = sharedRows().map(({ alert_key, surface_id }) => ({
    alertKey: alert_key,
    surfaceId: surface_id ?? '',
  })) as [UmbrellaAlert, UmbrellaAlert, UmbrellaAlert];
}, 240_000);
afterAll(() => environment.close());

const firingAlerts = () => environment.read<PageOf<AlertRow>>('/console/alerts?state=firing');
const sharedRows = () => stormRows.filter(({ ticket }) => ticket?.id === umbrella.id);

/** The text of the umbrella ticket on pages; the number of other alerts is that of the API. */
async function umbrellaText(): Promise<RegExp> {
  const { rows } = await firingAlerts();
  const others = rows.find(({ alert_key }) => alert_key === displayed.alertKey)?.ticket?.shared_with;
  return new RegExp(`open.*umbrella ticket, shared with ${others} other alerts? · Unassigned`, 's');
}

describe('the umbrella ticket of an alert storm', () => {
  it('the API lists the umbrella ticket with the number of other alerts for each alert that shares it', () => {
    const tickets = sharedRows().map(({ ticket, no_ticket_reason }) => [ticket?.shared_with, no_ticket_reason]);
    expect(tickets).toEqual([
      [2, null],
      [2, null],
      [2, null],
    ]);
  });

  it('the tile of a surface links to the umbrella ticket that its alert joined', async () => {
    const { page, complaints } = await environment.visit('/console/status');
    await waitForText(page, `#tile-${displayed.surfaceId} .tile-ticket`, await umbrellaText());
    const link = tileOf(page, displayed.surfaceId).getByRole('link', { name: `Ticket #${umbrella.id}` });
    expect(await link.getAttribute('href')).toBe(umbrella.url);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('the page of a surface shows the umbrella ticket in its facts, outages and tickets', async () => {
    const { page, complaints } = await environment.visit(`/console/surfaces/${displayed.surfaceId}`);
    await waitForText(page, '.facts', await umbrellaText());
    await waitForText(page, 'table:has(caption:text-is("Outages"))', `#${umbrella.id} open shared with`);
    await waitForText(page, 'table:has(caption:text-is("Tickets"))', 'Alert storm');
    expect(complaints).toEqual([]);
  }, 120_000);

  it('the alert list shows the umbrella ticket of an alert', async () => {
    const { page, complaints } = await environment.visit('/console/alerts');
    await waitForText(page, `tr:has-text("${displayed.alertKey}")`, await umbrellaText());
    expect(complaints).toEqual([]);
  }, 120_000);

  it('Investigate files a ticket for the surface alone, which replaces the umbrella ticket on its tile', async () => {
    const { page } = await environment.visit('/console/status');
    const tile = tileOf(page, clicked.surfaceId);
    await waitForText(page, `#tile-${clicked.surfaceId} .tile-ticket`, 'umbrella ticket');
    await tile.getByRole('button', { name: 'Investigate' }).press('Enter');
    await waitForText(page, `#tile-${clicked.surfaceId} .outcome`, 'Filed.');
    await eventually(async () => expect(await tile.innerText()).not.toContain('umbrella'));
  }, 120_000);

  it('a recovered surface no longer shows the umbrella ticket', async () => {
    const { page } = await environment.visit('/console/status');
    const ticket = tileOf(page, recovered.surfaceId).locator('.tile-ticket');
    await waitForText(page, `#tile-${recovered.surfaceId} .tile-ticket`, 'umbrella ticket');
    environment.services.control.set(recovered.surfaceId, 'healthy');
    await waitForText(page, `#tile-${recovered.surfaceId} .status`, 'OPERATIONAL');
    await eventually(async () => expect(await ticket.count()).toBe(0));
  }, 120_000);
});
