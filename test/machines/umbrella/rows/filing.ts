import { broke, minutes, wait } from '../../support/driver.ts';
import { failed, filed, found, inDoubt, inheritedDoubt, notFound, refused } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { a, b, turn } from '../umbrellaEvents.ts';

/** The filing of the umbrella ticket. */
export const rows: Row[] = [
  row(
    'a filing waits while the help desk fails, and reports it',
    [a],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
  ),
  row(
    'a waiting filing whose turn it is tries for all',
    [a, failed()],
    turn(true),
    'ticket.filing',
    'run fileTicket 1 probe',
  ),
  row('a released filing tries again', [a, failed()], turn(false), 'ticket.filing', 'run fileTicket 1'),
  row(
    'a member that joins while the filing waits is listed later',
    [a, failed(), b, turn(false)],
    filed(412),
    'ticket.standing.lists.gathering',
    'audit umbrella_filed',
  ),
  row(
    'a filing that waits for five minutes reports it again',
    [a, failed()],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'a filing refused for the flag dismisses every member',
    [a, b],
    refused('flag_off'),
    'ticket.calm',
    'withdraw 1',
    'tell alert:s:a UNLISTED',
    'tell alert:s:b UNLISTED',
  ),
  row(
    'a rejected ticket dismisses every member',
    [a],
    failed('rejected', true),
    'ticket.calm',
    'withdraw 1',
    'tell alert:s:a UNLISTED',
  ),
  row(
    'a filing effect that fails dismisses every member',
    [a],
    broke('file'),
    'ticket.calm',
    'withdraw 1',
    'tell alert:s:a UNLISTED',
  ),
  row(
    'a ticket whose answer got lost is looked for',
    [a],
    inDoubt,
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'run settleDoubt 1',
  ),
  row(
    'a doubt inherited from another run is not reported to the breaker',
    [a],
    inheritedDoubt,
    'ticket.doubtful.looking',
    'run settleDoubt 1',
  ),
  row(
    'a ticket found after a doubt is audited, and always closes the breaker',
    [a, inDoubt],
    found(412),
    'ticket.standing.lists.listed',
    'audit umbrella_filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'a ticket that was not found is posted again by the same filing',
    [a, inDoubt],
    notFound,
    'ticket.filing',
    'run fileTicket 1',
  ),
  row(
    'a look-up that fails dismisses every member',
    [a, inDoubt, b],
    broke('settle'),
    'ticket.calm',
    'withdraw 1',
    'tell alert:s:a UNLISTED',
    'tell alert:s:b UNLISTED',
  ),
  row(
    'a lasting doubt is reported again after five minutes',
    [a, inDoubt],
    wait(minutes(5)),
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
  ),
];
