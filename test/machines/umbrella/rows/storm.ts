import { broke, done, minutes, wait } from '../../support/driver.ts';
import { filed } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { a, b, lastNoteWritten, leave, noteWritten, pause, standing } from '../umbrellaEvents.ts';

const lastNoteDropped = done('end', { outcome: 'dropped', reason: 'ticket is closed' });

/** The storm, from its first member to its end. */
export const rows: Row[] = [
  row('the first member files the umbrella ticket', [], a, 'ticket.filing', 'intend 1', 'run fileTicket 1'),
  row('a second member joins the filing', [a], b, 'ticket.filing'),
  row('a filed umbrella ticket is audited', [a], filed(412), 'ticket.standing.lists.listed', 'audit umbrella_filed'),
  row(
    'a ticket filed while the breaker was open closes it',
    [a],
    filed(412, { whileFailing: true }),
    'ticket.standing.watch.joining',
    'audit umbrella_filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'a member that joined during the filing waits to be listed',
    [a, b],
    filed(412),
    'ticket.standing.lists.gathering',
    'audit umbrella_filed',
  ),
  row(
    'a storm ends ten minutes after the last member, with a note',
    standing,
    wait(minutes(10)),
    'ticket.ending',
    'run keepTicket note calm',
  ),
  row('all is calm once the last note was written', [...standing, wait(minutes(10))], lastNoteWritten, 'ticket.calm'),
  row(
    'a last note for a ticket that a person closed is dropped, and audited',
    [...standing, wait(minutes(10))],
    lastNoteDropped,
    'ticket.calm',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a last note that is dropped is audited although the storm goes on',
    [...standing, wait(minutes(10)), b],
    lastNoteDropped,
    'ticket.standing.lists.gathering',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a last note that cannot be written becomes a dead letter',
    [...standing, wait(minutes(10))],
    broke('end'),
    'ticket.calm',
  ),
  row(
    'a member that joins during the last note continues the storm',
    [...standing, wait(minutes(10)), b],
    lastNoteWritten,
    'ticket.standing.lists.gathering',
  ),
  row(
    'a member that joins continues the storm even where the last note fails',
    [...standing, wait(minutes(10)), b],
    broke('end'),
    'ticket.standing.lists.gathering',
  ),
  row(
    'a member that continues the storm is listed on the same ticket',
    [...standing, wait(minutes(10)), b, lastNoteWritten],
    pause,
    'ticket.standing.lists.listing',
    'run keepTicket note members',
  ),
  row(
    'a member that leaves again does not continue the storm',
    [...standing, wait(minutes(10)), b, leave('b')],
    lastNoteWritten,
    'ticket.calm',
  ),
  row(
    'each member prolongs the storm',
    [...standing, wait(minutes(9)), b, pause, noteWritten],
    wait(minutes(9)),
    'ticket.standing.lists.listed',
  ),
  row(
    'a storm does not end while a member is not listed',
    [...standing, wait(minutes(9)), b, pause],
    wait(minutes(60)),
    'ticket.standing.lists.listing',
  ),
  row(
    'the next storm gets a ticket of its own',
    [...standing, wait(minutes(10)), lastNoteWritten],
    b,
    'ticket.filing',
    'intend 2',
    'run fileTicket 2',
  ),
];
