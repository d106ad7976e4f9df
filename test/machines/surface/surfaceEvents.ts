import { surfaceMachine } from '../../../machines/surface/machine.ts';
import type { SurfaceContext } from '../../../machines/surface/types.ts';
import { play } from '../support/driver.ts';
import { checked, filed, ticket } from '../support/events.ts';

/** The surface of these tests: its events, what happened to it before a test, and what tests expect it to ask for. */

export const surface = () => play<SurfaceContext>(surfaceMachine, 'surface:api');
export const click = (clickId: string, by = `operator of ${clickId}`) => ({ type: 'INVESTIGATE', clickId, by });
export const budgetOver = (clickId: string, attempted = false) => ({ type: 'BUDGET_OVER', clickId, attempted });
export const up = checked('up');
export const slow = checked('slow');
export const down = checked('down');
export const isUp = [up];
export const isDegraded = [up, slow, slow];
export const isDown = [up, down, down];
export const confirmedByOne = (outcome: 'slow' | 'down') => checked(outcome, { failuresToOpen: 1 });
export const removed = { type: 'REMOVED' };
export const maintenance = {
  type: 'MAINTENANCE_SET',
  until: '2026-05-05T15:00:00.000Z',
  reason: 'new disks',
  by: 'eve',
};
export const laterMaintenance = { ...maintenance, reason: 'more disks' };
export const fileMaintenance = { ...maintenance, reason: 'new racks', by: 'surfaces file' };
export const longerFileMaintenance = { ...fileMaintenance, until: '2026-05-05T16:00:00.000Z' };
export const fileMaintenanceEnded = { type: 'MAINTENANCE_ENDED', by: 'surfaces file' };
export const maintenanceEnded = { type: 'MAINTENANCE_ENDED', by: 'eve' };
/** The ticket of a round that was closed without one. */
export const foundTicket = {
  type: 'FOUND',
  filingId: 'investigate:api:1',
  ticket: ticket(500),
  filedAt: '2026-05-05T14:00:00.000Z',
  status: 'DOWN',
  since: '2026-05-05T14:00:00.000Z',
  by: 'who clicked a',
};
export const adoptsTicket = ['adopt 1', 'audit filed', 'audit adopted', 'run keepTicket tag 1'];
export const ticketed = [...isDown, click('a'), filed(412)];
