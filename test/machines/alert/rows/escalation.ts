import { broke, done, minutes, wait } from '../../support/driver.ts';
import { emitted, filed, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, p1, reviewed, sent } from '../alertEvents.ts';

const escalateAfterMs = minutes(15);
const watched = emitted({ escalateAfterMs });
const watchedTicket = [watched, sent, filed(412), sent];
const due = [...watchedTicket, wait(minutes(15))];
const assignment = (found: string) => done('assignment', { assignment: found });
const telling = [...due, assignment('unassigned')];
const reads = 'run readAssignment ';
const tells = ['audit unassigned P1', dm('unassigned')];
const ends = [dm('resolved'), 'run keepTicket note resolved'];

/** Telling somebody else of a P1 that nobody is assigned to. */
export const rows: Row[] = [
  row(
    'a P1 that has its ticket is watched',
    [watched],
    filed(412),
    'ticket.ticketed escalation.watching',
    'audit filed P1',
  ),
  row('a P1 of a source without a rule is not watched', [p1], filed(412), 'escalation.idle', 'audit filed P1'),
  row(
    'a P2 is not watched',
    [emitted({ escalateAfterMs, severity: 'P2' })],
    filed(412),
    'escalation.idle',
    'audit filed P2',
  ),
  row(
    'a P2 that rises to P1 is watched from then on',
    [emitted({ escalateAfterMs, severity: 'P2' }), sent, filed(412), sent],
    watched,
    'escalation.watching',
    dm('escalated'),
    'run keepTicket note severity',
  ),
  row(
    'a rule that is new by the next emission is obeyed',
    [p1, sent, filed(412), sent],
    watched,
    'escalation.watching',
  ),
  row('a rule that is removed is obeyed by the next emission', watchedTicket, p1, 'escalation.idle'),
  row('a rule that is removed while the help desk is read is obeyed', due, p1, 'escalation.idle'),
  row('a rule that comes back begins the watch anew', [...watchedTicket, p1], watched, 'escalation.watching'),
  row(
    'a rule with a longer time begins the watch anew',
    [...watchedTicket, wait(minutes(14)), emitted({ escalateAfterMs: minutes(60) }), wait(minutes(60) - 1)],
    wait(1),
    'escalation.verifying',
    reads,
  ),
  row('the help desk is read when the time is over', watchedTicket, wait(minutes(15)), 'escalation.verifying', reads),
  row('the help desk is not read before', watchedTicket, wait(minutes(15) - 1), 'escalation.watching'),
  row('somebody else is told that nobody is assigned', due, assignment('unassigned'), 'escalation.telling', ...tells),
  row('nobody is told of a ticket that is assigned', due, assignment('assigned'), 'escalation.idle'),
  row('nobody is told of a ticket that is not open any more', due, assignment('not_open'), 'escalation.idle'),
  row('a ticket is looked at once in an episode', [...due, assignment('assigned')], watched, 'escalation.idle'),
  row(
    'a help desk that cannot be read for five minutes leaves the assignment unknown',
    due,
    wait(minutes(5)),
    'escalation.telling',
    ...tells,
  ),
  row('a read that fails for good leaves it unknown', due, broke('assignment'), 'escalation.telling', ...tells),
  row('nobody is told of an alert that resolved in time', watchedTicket, resolved(), 'escalation.idle', ...ends),
  row('nobody is told of an alert that resolves while it is read', due, resolved(), 'escalation.idle', ...ends),
  row('nobody is told of a silenced alert', watchedTicket, reviewed('silenced'), 'escalation.idle'),
  row('nobody is told of an alert that is silenced while it is read', due, reviewed('silenced'), 'escalation.idle'),
  row(
    'after a silence the watch begins anew',
    [...watchedTicket, reviewed('silenced')],
    reviewed(null),
    'escalation.watching',
  ),
  row('a message that is being sent is sent', telling, resolved(), 'escalation.telling', ...ends),
  row('somebody else is told once', telling, done('escalationDm', { outcome: 'sent' }), 'escalation.idle'),
  row('a message that cannot be sent is given up', telling, broke('escalationDm'), 'escalation.idle'),
  row(
    'the next episode is watched again',
    [...due, assignment('assigned'), resolved(), sent, watched, sent],
    filed(413),
    'escalation.watching',
    'audit filed P1',
    dm('ticket'),
  ),
];
