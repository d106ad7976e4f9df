import { broke, done, minutes, wait } from '../../support/driver.ts';
import { emitted, filed, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, flagOff, p1, p3, sent } from '../alertEvents.ts';

const quiet = emitted({ severity: 'P3', quiet: true });

/** Direct messages. */
export const rows: Row[] = [
  row('messages are sent one after the other', [flagOff(p3), flagOff(p1)], sent, 'dm.sending', dm('escalated')),
  row(
    'a quiet alert sends no message when it fires',
    [],
    quiet,
    'dm.idle ticket.belowThreshold',
    'audit skipped P3 below_threshold',
  ),
  row('a quiet alert sends no message when it resolves', [quiet], resolved(), 'dm.idle life.resolved'),
  row('a quiet alert whose severity rises is announced', [quiet], p3, 'dm.sending', dm('escalated')),
  row('nothing is sent once no message is left', [flagOff(p3)], sent, 'dm.idle'),
  row(
    'a message beyond the storm limit is left to the grouped message',
    [flagOff(p1)],
    done('dm', { outcome: 'grouped' }),
    'dm.idle',
    'tell umbrella:s DM_MEMBER',
  ),
  row(
    'a message that cannot be sent does not stop the next one',
    [flagOff(p3), flagOff(p1)],
    broke('dm'),
    'dm.sending',
    dm('escalated'),
  ),
  row(
    'of too many messages that wait the oldest of a kind is left out and audited',
    [...Array.from({ length: 10 }, () => [flagOff(p1), resolved(), wait(minutes(11))]).flat(), flagOff(p3)],
    resolved(),
    'dm.sending',
    'audit dm_dropped P1 too many messages wait',
  ),
  row('the ticket does not wait for messages', [p1], filed(412), 'ticket.ticketed dm.sending', 'audit filed P1'),
];
