import { seconds, wait } from '../../support/driver.ts';
import { refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, files, flagOff, p1, p2, sent } from '../alertEvents.ts';

/** Filings that were refused because the sender was silent or its ids may be unstable. */
export const rows: Row[] = [
  row(
    'a filing refused as silent is audited',
    [p1, sent],
    refused('silent'),
    'ticket.silent',
    'audit skipped P1 silent',
  ),
  row('a repeat from a silent sender files', [p1, sent, refused('silent')], p1, 'ticket.filing', ...files(2)),
  row(
    'a filing refused for an unstable id waits for a second look',
    [p1, sent],
    refused('unstable_id'),
    'ticket.suspect',
    'audit skipped P1 unstable_id',
  ),
  row(
    'a suspect alert that is emitted again files',
    [p1, sent, refused('unstable_id')],
    p1,
    'ticket.filing',
    ...files(2),
  ),
  row(
    'a suspect alert is decided again after 30 s',
    [p1, sent, refused('unstable_id')],
    wait(seconds(30)),
    'ticket.filing',
    ...files(2),
  ),
  ...(['silent', 'unstable_id'] as const).flatMap((reason) => [
    row(
      `an alert refused as ${reason} that gets worse files`,
      [p2, sent, refused(reason)],
      p1,
      'ticket.filing',
      ...files(2),
      dm('escalated'),
    ),
    row(
      `an alert refused as ${reason} is held back when the flag goes off`,
      [p1, sent, refused(reason)],
      flagOff(p1),
      'ticket.heldBack',
      'audit skipped P1 flag_off',
      'hold flag_off P1',
    ),
  ]),
  row(
    'a suspect alert that resolves gets no ticket',
    [p1, sent, refused('unstable_id')],
    resolved(),
    'ticket.none',
    dm('resolved'),
  ),
];
