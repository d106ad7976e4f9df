import { broke, done, minutes, wait } from '../../support/driver.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { a, b, lastNoteWritten, untagged } from '../umbrellaEvents.ts';

/** Ticket updates. */
export const rows: Row[] = [
  row(
    'missing tags become a ticket update',
    [a],
    untagged,
    'ticket.standing.lists.listed upkeep.working.inTime',
    'audit umbrella_filed',
    'run keepTicket tag 1',
  ),
  row('nothing is due once the ticket is tagged', [a, untagged], done('chore', { outcome: 'done' }), 'upkeep.idle'),
  row(
    'tags for a deleted ticket are dropped and audited',
    [a, untagged],
    done('chore', { outcome: 'dropped', reason: 'ticket is gone' }),
    'upkeep.idle',
    'audit tag_dropped ticket is gone',
  ),
  row('tags that cannot be set become a dead letter', [a, untagged], broke('chore'), 'upkeep.idle'),
  row(
    'a ticket update outlasts the storm',
    [a, untagged, wait(minutes(10)), lastNoteWritten],
    b,
    'ticket.filing upkeep.working.overdue',
    'intend 2',
    'run fileTicket 2',
  ),
];
