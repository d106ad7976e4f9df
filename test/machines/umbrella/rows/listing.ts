import { broke } from '../../support/driver.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { b, c, leave, listing, noteDropped, noteWritten, pause, standing, worse } from '../umbrellaEvents.ts';

/** Members that join later, and the notes that name them. */
export const rows: Row[] = [
  row(
    'members that join are listed together after 30 s',
    [...standing, b, c],
    pause,
    'ticket.standing.lists.listing',
    'run keepTicket note members',
  ),
  row('a note that was written leaves nothing to list', listing, noteWritten, 'ticket.standing.lists.listed'),
  row(
    'a member that joined during a note waits for the next one',
    [...listing, c],
    noteWritten,
    'ticket.standing.lists.gathering',
  ),
  row('a member that joins does not interrupt the note being written', listing, c, 'ticket.standing.lists.listing'),
  row('a note that cannot be written becomes a dead letter', listing, broke('list'), 'ticket.standing.lists.listed'),
  row(
    'members that a closed ticket does not name get another one',
    listing,
    noteDropped,
    'ticket.filing',
    'audit note_dropped ticket is closed',
    'intend 2',
    'run fileTicket 2',
  ),
  row(
    'a member that leaves before its note is not listed',
    [...standing, b, leave('b')],
    pause,
    'ticket.standing.lists.listed',
  ),
  row(
    'a member that the ticket names and that is more severe now is in a note after 30 s',
    [...standing, worse('a')],
    pause,
    'ticket.standing.lists.listing',
    'run keepTicket note members',
  ),
  row(
    'a member that became more severe during a note waits for the next one',
    [...listing, worse('b')],
    noteWritten,
    'ticket.standing.lists.gathering',
  ),
  row(
    'a closed ticket that names every member is not replaced because one is more severe',
    [...standing, worse('a'), pause],
    noteDropped,
    'ticket.standing.lists.listed',
    'audit note_dropped ticket is closed',
  ),
  row('an alert that is more severe after the storm begins no other one', [], worse('a'), 'ticket.calm'),
];
