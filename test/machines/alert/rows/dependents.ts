import { done } from '../../support/driver.ts';
import { filed, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dependent, dm, p1, sent } from '../alertEvents.ts';

/** Alerts that this one explains. */
export const rows: Row[] = [
  row(
    'an alert that this outage explains is named on its ticket',
    [p1, sent, filed(412), sent],
    dependent('x'),
    'upkeep.working.inTime',
    'run keepTicket note dependents',
  ),
  row(
    'a dependent is named once in each of its episodes',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x'),
    'upkeep.idle',
  ),
  row(
    'a dependent is named again in its next episode',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x', 2),
    'upkeep.working.inTime',
    'run keepTicket note dependents',
  ),
  row(
    'a dependent that came during the filing is named once there is a ticket',
    [p1, sent, dependent('x')],
    filed(412),
    'ticket.ticketed',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket note dependents',
  ),
  row(
    'a dependent that comes after the end of the outage is not named',
    [p1, sent, filed(412), sent, resolved(), sent],
    dependent('x'),
    'upkeep.working.inTime',
  ),
];
