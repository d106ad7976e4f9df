import { broke } from '../../support/driver.ts';
import { failed, filed, inDoubt, notFound, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import {
  adoptsTicket,
  dm,
  endedWhileFiling,
  files,
  flagOff,
  foundTicket,
  p1,
  p3,
  rejectedFiling,
  replay,
  sent,
  setsTags,
  withoutDecision,
} from '../alertEvents.ts';

/** Tickets that turn up late, and alerts that the reconciler asks to decide again. */
const reconsider = { type: 'RECONSIDER' };
export const rows: Row[] = [
  row(
    'a late ticket becomes the ticket of an active alert that has none',
    rejectedFiling,
    foundTicket(1),
    'life.firing ticket.ticketed',
    'tell helpdesk LEFT',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  row(
    'a late ticket releases an alert that is held back',
    [p1, sent, refused('flag_off')],
    foundTicket(1),
    'ticket.ticketed',
    'hold released P1',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  row(
    'a late ticket withdraws a filing that waits',
    [...rejectedFiling, replay(1), failed()],
    foundTicket(1),
    'ticket.ticketed',
    'withdraw 2',
    'tell helpdesk LEFT',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  row(
    'a late ticket does not stop a filing under way',
    [...rejectedFiling, replay(1)],
    foundTicket(1),
    'ticket.filing',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  row(
    'a late ticket does not stop a filing in doubt',
    [...rejectedFiling, replay(1), inDoubt],
    foundTicket(1),
    'ticket.doubtful.looking',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  ...(
    [
      ['fails', failed(), 'tell helpdesk LEFT'],
      ['is held back', refused('flag_off'), 'tell helpdesk LEFT'],
      ['breaks', broke('file'), 'tell helpdesk LEFT'],
    ] as const
  ).map(([how, end, ...told]) =>
    row(
      `a filing that ${how} after a late ticket is withdrawn`,
      [...rejectedFiling, replay(1), foundTicket(1), sent],
      end,
      'ticket.ticketed',
      'withdraw 2',
      ...told,
    ),
  ),
  ...(
    [
      ['ends without a ticket of its own', notFound],
      ['breaks', broke('settle')],
    ] as const
  ).map(([how, end]) =>
    row(
      `a doubt that ${how} after a late ticket is withdrawn`,
      [...rejectedFiling, replay(1), inDoubt, foundTicket(1), sent],
      end,
      'ticket.ticketed',
      'withdraw 2',
      'tell helpdesk LEFT',
    ),
  ),
  row(
    'a late ticket of an earlier episode leaves the filing of this one alone',
    [...endedWhileFiling, refused('withdrawn'), p1, sent, foundTicket(1)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a late ticket of an ended episode is tagged and linked in a message',
    [...endedWhileFiling, refused('withdrawn')],
    foundTicket(1),
    'life.resolved ticket.none',
    ...adoptsTicket(1),
    dm('ticket'),
    setsTags,
  ),
  row(
    'a late ticket of an earlier episode does not release an alert that is held back',
    [...endedWhileFiling, refused('withdrawn'), flagOff(p1), sent],
    foundTicket(1),
    'ticket.heldBack',
    ...adoptsTicket(1),
    setsTags,
  ),
  row(
    'a second ticket of an episode is tagged, and no message links it',
    [...rejectedFiling, replay(1), filed(412), sent],
    foundTicket(1),
    'ticket.ticketed',
    ...adoptsTicket(1),
    setsTags,
  ),
  row(
    'an active alert without a decision is decided when it is reconsidered',
    [flagOff(p1), sent, withoutDecision],
    reconsider,
    'ticket.filing',
    'audit alert_reconsidered P1',
    ...files(1),
  ),
  row('a resolved alert is not reconsidered', [p3, sent, resolved(), sent], reconsider, 'ticket.none'),
  row('an alert with a decision is not reconsidered', rejectedFiling, reconsider, 'ticket.rejected'),
];
