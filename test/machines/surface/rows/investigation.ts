import { broke } from '../../support/driver.ts';
import { failed, filed, refused } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { click, down, isDegraded, isDown, isUp } from '../surfaceEvents.ts';

/** Clicks and the filing of their round. */
export const rows: Row[] = [
  row('a click on an unknown surface is refused', [], click('a'), '', 'answer a refused UNKNOWN'),
  row(
    'a click on a suspect surface that was never operational is refused',
    [down],
    click('a'),
    '',
    'answer a refused UNKNOWN',
  ),
  row('a click on a healthy surface is refused', isUp, click('a'), '', 'answer a refused OPERATIONAL'),
  row(
    'a click on a degraded surface files without waiting for a turn',
    isDegraded,
    click('a'),
    'investigation.filing',
    'intend 1',
    'run fileTicket 1 probe',
  ),
  row('a second click shares the filing', [...isDown, click('a')], click('b'), 'investigation.filing'),
  row(
    'all waiting clicks are answered, and only the first created the ticket',
    [...isDown, click('a'), click('b')],
    filed(412),
    'investigation.idle',
    'answer a ticket 412 new',
    'answer b ticket 412 again',
    'audit filed',
    'audit filed',
  ),
  row(
    'a ticket that is reused is idempotent for every click',
    [...isDown, click('a')],
    filed(412, { created: false }),
    'investigation.idle',
    'answer a ticket 412 again',
    'audit filed',
  ),
  row(
    'a ticket filed while the breaker is open closes it',
    [...isDown, click('a')],
    filed(412, { whileFailing: true }),
    'investigation.idle',
    'answer a ticket 412 new',
    'audit filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'missing tags become a ticket update',
    [...isDown, click('a')],
    filed(412, { tagged: false }),
    'investigation.idle upkeep.working.inTime',
    'answer a ticket 412 new',
    'audit filed',
    'run keepTicket tag 1',
  ),
  ...(
    [
      ['unavailable', 'freescout_unavailable'],
      ['unauthorized', 'freescout_unauthorized'],
      ['forbidden', 'freescout_forbidden'],
      ['mailbox_not_found', 'mailbox_not_found'],
      ['tags_unavailable', 'tags_unavailable'],
      ['not_configured', 'not_configured'],
      ['rejected', 'freescout_unavailable'],
    ] as const
  ).map(([problem, reason]) =>
    row(
      `${problem} is answered as ${reason}`,
      [...isDown, click('a'), click('b')],
      failed(problem),
      'investigation.idle',
      `answer a ${reason}`,
      `answer b ${reason}`,
    ),
  ),
  row(
    'a click whose filing was withdrawn is answered',
    [...isDown, click('a')],
    refused('withdrawn'),
    'investigation.idle',
    'answer a freescout_unavailable',
  ),
  row(
    'a click whose filing effect fails is answered, and no intent stays open',
    [...isDown, click('a')],
    broke('file'),
    'investigation.idle',
    'answer a freescout_unavailable',
    'withdraw 1',
  ),
];
