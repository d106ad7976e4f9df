import { done, minutes, wait } from '../../support/driver.ts';
import { emitted, failed, filed, found, inDoubt, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, files, p1, sent, ticketed, turn } from '../alertEvents.ts';

/** Episodes that begin soon after the last one ended, and continue its ticket. */
const again = emitted({ reopenWithinMs: minutes(30) });
const over = [...ticketed, resolved(), sent, done('chore', { outcome: 'done' })];
/** The ticket of the first episode is open, so the second one continues it. */
const continued = filed(412, { created: false });

export const rows: Row[] = [
  row(
    'an episode within the window opens with a message, and its filing reads the ticket first',
    [...over, wait(minutes(29))],
    again,
    'life.firing ticket.filing',
    ...files(2),
    dm('opened'),
  ),
  row(
    'an open ticket goes on with a note, and the message gets its link',
    [...over, wait(minutes(29)), again, sent],
    continued,
    'life.firing ticket.ticketed',
    'audit continued P1',
    dm('continued'),
    'run keepTicket note continued',
  ),
  row(
    'an episode files a new ticket where the last one is not open any more',
    [...over, wait(minutes(29)), again, sent],
    filed(413),
    'ticket.ticketed',
    'audit filed P1',
    dm('ticket'),
  ),
  row(
    'a continued ticket that ends the outage of the help desk closes its breaker',
    [...over, again, sent, failed(), turn(true)],
    filed(412, { created: false, whileFailing: true }),
    'ticket.ticketed',
    'audit continued P1',
    'tell helpdesk SUCCEEDED',
    dm('continued'),
    'run keepTicket note continued',
  ),
  row(
    'an episode that ends while its ticket is being read is noted as over too',
    [...over, again, sent, resolved(), sent],
    continued,
    'life.resolved ticket.none',
    'audit continued P1',
    dm('continued'),
    'run keepTicket note continued',
  ),
  ...(
    [
      ['does not continue it', p1],
      ['continues it too', again],
      ['is too mild for a ticket', emitted({ severity: 'P3', reopenWithinMs: minutes(30) })],
    ] as const
  ).map(([what, next]) =>
    row(
      `a ticket that an earlier episode continued gets its note although the next one has begun, which ${what}`,
      [...over, again, sent, resolved(), sent, next, sent],
      continued,
      '',
      'audit continued P1',
      ...(next.severity === 'P3' ? ['audit skipped P3 below_threshold'] : ['intend 3', 'run fileTicket 3']),
      'run keepTicket note continued',
    ),
  ),
  row(
    'a ticket that turns up after its episode is continued by the next one',
    [p1, sent, inDoubt, resolved(), sent, again, sent],
    found(412),
    'ticket.filing',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    'intend 2',
    'run fileTicket 2',
    'run keepTicket note resolved',
  ),
  row(
    'an episode that begins as late as the window is long files as any other',
    [...over, wait(minutes(30))],
    again,
    'ticket.filing',
    ...files(2),
    dm('opened'),
  ),
];
