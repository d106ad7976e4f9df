import { expect, it } from 'vitest';
import { createEffectHandlers } from '../../src/app/effectHandlers.ts';
import { TicketError, type TicketProblem } from '../../src/tickets/port.ts';

const unused = undefined as never;
const handlers = createEffectHandlers({
  ...{ filing: unused, desk: unused, notes: unused, dms: unused, places: unused, log: unused },
});

const HOUR_MS = 3_600_000;
const run = { effectId: 'e', actorId: 'alert:a:b', attempt: 1, ageMs: 0, signal: new AbortController().signal };
/** Milliseconds until the next attempt; null if there is none. */
const patience = (problem: TicketProblem, httpStatus: number, { hours = 0, hoursInEarlierTurns = 0 } = {}) =>
  handlers.keepTicket?.patience(
    new TicketError(problem, `FreeScout answers ${httpStatus}.`, { httpStatus }),
    { ...run, ageMs: hours * HOUR_MS },
    { kind: 'tag', waitedMs: hoursInEarlierTurns * HOUR_MS } as never,
  );

it.each([400, 409, 422])('an update of a ticket that FreeScout rejects with %i is tried again', (status) => {
  expect(patience('rejected', status)).toBe(1_000);
  expect(patience('rejected', status, { hours: 23 })).toBe(1_000);
});

it('an update of a ticket that is rejected for more than a day is given up', () => {
  expect(patience('rejected', 400, { hours: 25 })).toBeNull();
  expect(patience('rejected', 400, { hours: 5, hoursInEarlierTurns: 20 })).toBeNull();
});

it.each([413, 414, 431])('an update of a ticket that is too large (%i) is given up at once', (status) => {
  expect(patience('rejected', status)).toBeNull();
});
