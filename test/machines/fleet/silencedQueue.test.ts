import { expect, it } from 'vitest';
import type { AlertContext } from '../../../machines/alert/types.ts';
import { type Actor, seconds } from '../support/driver.ts';
import { createFleet } from './fleet.ts';

type Fleet = ReturnType<typeof createFleet>;
type Alert = Actor<AlertContext>;

/** Delivers every message, and ends every effect that can end without time passing. */
function work({ outbox, deliver, endings }: Fleet): void {
  for (;;) {
    const [end] = Object.values(endings('failed'));
    if (outbox.length > 0) deliver(0);
    else if (end) end();
    else return;
  }
}

/** Three alerts wait for the help desk, which works again by now. */
function waitingFleet() {
  const fleet = createFleet({ storm: false });
  Object.assign(fleet.conditions, { up: false });
  for (const alert of fleet.alerts) {
    fleet.emit(alert);
    work(fleet);
  }
  expect(fleet.helpdesk.context.waiting).toEqual(fleet.alerts.map(({ id }) => id));
  Object.assign(fleet.conditions, { up: true });
  const [first, second, urgent] = fleet.alerts as [Alert, Alert, Alert];
  return { fleet, noisy: [first, second], urgent };
}

it('alerts that are silenced while the help desk fails leave its queue, and the next turn is that of another alert', () => {
  const { fleet, noisy, urgent } = waitingFleet();
  for (const alert of noisy) {
    fleet.silenced.add(alert.id);
    fleet.review(alert);
  }
  work(fleet);
  expect(fleet.helpdesk.context.waiting).toEqual([urgent.id]);
  fleet.pass(seconds(30));
  work(fleet);
  expect(fleet.alerts.map(fleet.ticketState)).toEqual(['heldBack', 'heldBack', 'ticketed']);
});

it('alerts that turn out to be silenced at their turn pass it on at once', () => {
  const { fleet, noisy } = waitingFleet();
  for (const { id } of noisy) fleet.silenced.add(id);
  fleet.pass(seconds(30));
  work(fleet);
  expect(fleet.alerts.map(fleet.ticketState)).toEqual(['heldBack', 'heldBack', 'ticketed']);
});
