import { minutes, wait } from '../../support/driver.ts';
import { failed, filed, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, lastTurn, p1, p2, sent, turn } from '../alertEvents.ts';

/** Filings that wait for the help desk. */
export const rows: Row[] = [
  row(
    'a filing waits while the help desk fails, and reports it',
    [p1, sent],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a filing that made no call because the breaker is open waits',
    [p1, sent],
    failed('held'),
    'ticket.waiting',
    'tell helpdesk FAILED held',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a waiting filing whose turn it is tries for all',
    [p1, sent, failed()],
    turn(true),
    'ticket.filing',
    'run fileTicket 1 probe',
  ),
  row('a released filing tries again', [p1, sent, failed()], turn(false), 'ticket.filing', 'run fileTicket 1'),
  row(
    'a refused ticket waits, and is tried again',
    [p1, sent],
    failed('rejected', true),
    'ticket.waiting',
    'tell helpdesk FAILED rejected refused',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'the last try of a refused ticket is passed to its filing',
    [p1, sent, failed('rejected', true)],
    lastTurn,
    'ticket.filing',
    'run fileTicket 1 last',
  ),
  row(
    'a second failure is not audited again',
    [p1, sent, failed(), turn(true)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
  ),
  row(
    'a severity that rises while the filing waits sends a message',
    [p2, sent, failed()],
    p1,
    'ticket.waiting',
    dm('escalated'),
  ),
  row(
    'a severity that rose while the filing waited is noted on the ticket',
    [p2, sent, failed(), p1, sent, turn(true)],
    filed(412),
    'ticket.ticketed',
    'audit filed P2',
    dm('ticket'),
    'run keepTicket note severity',
  ),
  row(
    'an alert that resolves before its turn is never filed',
    [p1, sent, failed()],
    resolved(),
    'ticket.none',
    'withdraw 1',
    'tell helpdesk LEFT',
    'audit skipped P1 resolved_before_filing',
    dm('resolved'),
  ),
  row(
    'a turn after the end of the episode changes nothing',
    [p1, sent, failed(), resolved(), sent],
    turn(true),
    'ticket.none',
  ),
  row('a turn during the filing changes nothing', [p1, sent], turn(true), 'ticket.filing'),
  row(
    'a filing that waits for five minutes reports it again',
    [p1, sent, failed()],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'a filing that waits reports it every five minutes',
    [p1, sent, failed(), wait(minutes(5))],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'a filing refused as silent at its turn waits for the next emission',
    [p1, sent, failed(), turn(true)],
    refused('silent'),
    'ticket.silent',
    'audit skipped P1 silent',
  ),
];
