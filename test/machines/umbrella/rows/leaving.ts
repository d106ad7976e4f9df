import { failed, filed, inDoubt, notFound, refused } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { a, b, leave } from '../umbrellaEvents.ts';

/** Members that resolve. */
export const rows: Row[] = [
  row('a member that leaves does not change the filing while another stays', [a, b], leave('a'), 'ticket.filing'),
  row(
    'the last member that leaves withdraws the filing',
    [a, b, leave('a')],
    leave('b'),
    'ticket.filing',
    'withdraw 1',
  ),
  row('a withdrawn filing without members ends the storm', [a, leave('a')], refused('withdrawn'), 'ticket.calm'),
  row(
    'a ticket created after all members left is audited',
    [a, leave('a')],
    filed(412),
    'ticket.standing.lists.listed',
    'audit umbrella_filed',
  ),
  row(
    'a member that joins a withdrawn filing gets a new one',
    [a, leave('a'), b],
    refused('withdrawn'),
    'ticket.filing',
    'intend 2',
    'run fileTicket 2',
  ),
  row(
    'the last member that leaves a waiting filing ends the storm',
    [a, failed()],
    leave('a'),
    'ticket.calm',
    'withdraw 1',
    'tell helpdesk LEFT',
  ),
  row(
    'the last member that leaves a doubtful filing withdraws it',
    [a, inDoubt],
    leave('a'),
    'ticket.doubtful.looking',
    'withdraw 1',
  ),
  row('a withdrawn filing that was not found ends the storm', [a, inDoubt, leave('a')], notFound, 'ticket.calm'),
  row('an alert that was never a member cannot leave', [a], leave('x'), 'ticket.filing'),
  row('no alert can leave when all is calm', [], leave('x'), 'ticket.calm'),
];
