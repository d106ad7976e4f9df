import { expect, test } from 'vitest';
import type { Outage } from '../../src/model/surfaces.ts';
import { type TicketTimes, withTickets } from '../../src/surfaces/outages.ts';

/** Which tickets belong to which outage; times are minutes. */

const at = (minute: number) => Date.UTC(2026, 4, 5, 12, minute);
const outage = (began: number | null, ended: number | null): Outage => ({
  began_at: began === null ? null : new Date(at(began)).toISOString(),
  ended_at: ended === null ? null : new Date(at(ended)).toISOString(),
  worst: 'DOWN',
  tickets: [],
});
const times = (id: number, asked: number, change: Partial<TicketTimes> = {}): TicketTimes => ({
  id,
  asked: at(asked),
  filed: at(asked),
  reused: null,
  coversUntil: at(asked),
  ...change,
});

/** Newest first: the present outage, one that ended two minutes before it began, and one older than the history. */
const OUTAGES = [outage(33, null), outage(30, 31), outage(null, 5)];

test.each<[string, TicketTimes, number[][]]>([
  ['asked for in the present outage', times(1, 33), [[1], [], []]],
  ['asked for in the outage before', times(1, 30), [[], [1], []]],
  ['filed two minutes late by a slow FreeScout', times(1, 30, { filed: at(34) }), [[], [1], []]],
  [
    'of an alert that another sender fired before the outage was confirmed',
    times(1, 32, { filed: at(34) }),
    [[1], [], []],
  ],
  ['of an alert that goes on through both outages', times(1, 30, { coversUntil: at(40) }), [[1], [1], []]],
  ['that a click got again in the next outage', times(1, 30, { reused: at(35) }), [[1], [1], []]],
  ['of an outage whose beginning is not known', times(1, 2), [[], [], [1]]],
  ['filed while there was no outage', times(1, 20), [[], [], []]],
])('a ticket %s belongs to its own outages only', (_name, ticket, expected) => {
  expect(withTickets(OUTAGES, [ticket]).map(({ tickets }) => tickets)).toEqual(expected);
});
