import { done } from '../../support/driver.ts';
import { inDoubt, notFound } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { adoptsTicket, click, foundTicket, isDown, up } from '../surfaceEvents.ts';

/** Tickets that turn up late. */
export const rows: Row[] = [
  row(
    'a late ticket is audited and tagged, and no click is answered again',
    [...isDown, click('a'), inDoubt, notFound],
    foundTicket,
    'investigation.idle upkeep.working.inTime',
    ...adoptsTicket,
  ),
  row(
    'a late ticket leaves the round under way alone',
    [...isDown, click('a'), inDoubt, notFound, click('b')],
    foundTicket,
    'investigation.filing upkeep.working.inTime',
    ...adoptsTicket,
  ),
  row(
    'a late ticket after the recovery gets its tags and then a note',
    [...isDown, click('a'), inDoubt, notFound, up, up, foundTicket],
    done('chore', { outcome: 'done' }),
    'upkeep.working.inTime',
    'run keepTicket note recovered',
  ),
];
