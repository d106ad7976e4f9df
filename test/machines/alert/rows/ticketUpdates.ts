import { broke, done } from '../../support/driver.ts';
import { filed, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { p1, p2, sent, ticketed } from '../alertEvents.ts';

/** Ticket updates. */
export const rows: Row[] = [
  row(
    'a note for a closed ticket is dropped and audited',
    [...ticketed, resolved(), sent],
    done('chore', { outcome: 'dropped', reason: 'ticket is closed' }),
    'upkeep.idle',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a note that was written is done',
    [...ticketed, resolved(), sent],
    done('chore', { outcome: 'done' }),
    'upkeep.idle',
  ),
  row(
    'a ticket update that cannot be done does not stop the next one',
    [p2, sent, filed(412, { tagged: false }), sent, p1, sent],
    broke('chore'),
    'upkeep.working.inTime',
    'run keepTicket note severity',
  ),
];
