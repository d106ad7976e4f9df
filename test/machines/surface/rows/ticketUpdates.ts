import { broke, done } from '../../support/driver.ts';
import { filed } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { click, down, isDown, ticketed, up } from '../surfaceEvents.ts';

/** Ticket updates. */
export const rows: Row[] = [
  row(
    'a recovery is noted on the ticket',
    [...ticketed, up],
    up,
    'upkeep.working.inTime',
    'emitAlert resolved P1',
    'run keepTicket note recovered',
  ),
  row(
    'a ticket filed after the recovery gets a note',
    [...isDown, click('a'), up, up],
    filed(412),
    'upkeep.working.inTime',
    'answer a ticket 412 new',
    'audit filed',
    'run keepTicket note recovered',
  ),
  row(
    'a ticket update that was done is done',
    [...ticketed, up, up],
    done('chore', { outcome: 'done' }),
    'upkeep.idle',
  ),
  row(
    'each recovery is noted on the ticket',
    [...ticketed, up, up, done('chore', { outcome: 'done' }), down, down, up],
    up,
    'upkeep.working.inTime',
    'emitAlert resolved P1',
    'run keepTicket note recovered',
  ),
  row(
    'a note for a closed ticket is dropped and audited',
    [...ticketed, up, up],
    done('chore', { outcome: 'dropped', reason: 'ticket is closed' }),
    'upkeep.idle',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a closed ticket gets no note at later recoveries',
    [...ticketed, up, up, done('chore', { outcome: 'dropped', reason: 'ticket is closed' }), down, down, up],
    up,
    'upkeep.idle',
    'emitAlert resolved P1',
  ),
  row(
    'a ticket update that cannot be done does not stop the next one',
    [...ticketed, click('b'), filed(413), up, up],
    broke('chore'),
    'upkeep.working.inTime',
    'run keepTicket note recovered',
  ),
];
