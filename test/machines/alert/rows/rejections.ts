import { broke } from '../../support/driver.ts';
import { emitted, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, files, flagOff, p1, p2, rejected, replay, sent } from '../alertEvents.ts';

/** Tickets that the help desk rejects, and replays of their dead letters. */
export const rows: Row[] = [
  row(
    'a ticket that the help desk rejects is withdrawn and audited',
    [p1, sent],
    rejected,
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a filing effect that fails leaves no intent open',
    [p1, sent],
    broke('file'),
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a rejected ticket is not tried again when the severity rises',
    [p2, sent, rejected],
    p1,
    'ticket.rejected',
    dm('escalated'),
  ),
  row('a replay of the dead letter files again', [p1, sent, rejected], replay(1), 'ticket.filing', ...files(2)),
  row(
    'a replayed ticket may be rejected again',
    [p1, sent, rejected, replay(1)],
    rejected,
    'ticket.rejected',
    'withdraw 2',
  ),
  row(
    'a replay of an older dead letter of the episode files nothing',
    [p1, sent, rejected, replay(1), rejected],
    replay(1),
    'ticket.rejected',
  ),
  row(
    'a replayed filing that was withdrawn files again',
    [p1, sent, rejected, replay(1)],
    refused('withdrawn'),
    'ticket.filing',
    ...files(3),
  ),
  row('the dead letter of another filing files nothing', [p1, sent, rejected], replay(7), 'ticket.rejected'),
  row(
    'a replay after the end of the episode files nothing',
    [p1, sent, rejected, resolved(), sent],
    replay(1),
    'ticket.none',
  ),
  row(
    'the dead letter of an earlier episode files nothing in the next one',
    [p1, sent, rejected, resolved(), sent, p1, sent, rejected],
    replay(1),
    'ticket.rejected',
  ),
  row(
    'a replay with the flag off is held back',
    [p1, sent, rejected, flagOff(p1)],
    replay(1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'a rejected ticket is not filed when its episode resumes',
    [p1, sent, rejected, resolved(), sent],
    emitted({ flapMaxEpisodes: 1 }),
    'ticket.rejected',
    dm('flapping'),
  ),
  row(
    'the episode after a rejection files',
    [p1, sent, rejected, resolved(), sent],
    p1,
    'ticket.filing',
    ...files(2),
    dm('opened'),
  ),
];
