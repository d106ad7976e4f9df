import type { EmittedEvent } from '../../../../machines/alert/types.ts';
import { minutes, wait } from '../../support/driver.ts';
import { emitted, filed, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, fiveEpisodes, flagOff, p1, p2, p3, reviewed, sent, ticketed, withOtherId } from '../alertEvents.ts';

const silenced = (event: EmittedEvent): EmittedEvent => ({ ...event, held: 'silenced' });
const held = ['audit skipped P1 silenced', 'hold silenced P1'];
const filesAfter = (kind: string) => ['intend 1', dm(kind), 'run fileTicket 1'];
const titled = (n: number): EmittedEvent => silenced({ ...p1, title: `API is DOWN (${n})` });
const dropped = (severity: string) => `audit dm_dropped ${severity} ended while silenced`;
/** A flapping surface, whose return is announced. */
const flaps = (event: EmittedEvent): EmittedEvent => ({ ...event, flapping: true });

/** Silences: they hold the ticket and the messages back. */
export const rows: Row[] = [
  row('a silenced alert files nothing and sends nothing', [], silenced(p1), 'ticket.heldBack dm.idle', ...held),
  row(
    'an alert that is still active at the end of its silence files and is announced',
    [silenced(p1)],
    reviewed(null),
    'ticket.filing dm.sending',
    'hold released P1',
    ...filesAfter('opened'),
  ),
  row(
    'an alert whose silence ends while the flag is off is announced and stays held back',
    [silenced(p1)],
    reviewed('flag_off'),
    'ticket.heldBack dm.sending',
    'hold released P1',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row(
    'an alert that ends while it is silenced leaves no message',
    [silenced(p1)],
    resolved(),
    'ticket.none dm.idle',
    'hold ended P1',
    dropped('P1'),
  ),
  row(
    'a P3 is announced at the end of its silence',
    [silenced(p3)],
    reviewed(null),
    'ticket.belowThreshold dm.sending',
    dm('opened'),
  ),
  row('a silence that begins later takes no ticket away', ticketed, reviewed('silenced'), 'ticket.ticketed dm.idle'),
  row(
    'a severity that rises during a silence is announced at its end',
    [flagOff(p3), sent, silenced(p3), silenced(p1)],
    reviewed(null),
    'ticket.filing dm.sending',
    'hold released P1',
    ...filesAfter('escalated'),
  ),
  row(
    'the end of an alert that was announced before its silence is announced',
    [flagOff(p1), sent, reviewed('silenced')],
    resolved(),
    'ticket.none dm.sending',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'news of an announced alert that ends while it is silenced give way to its end',
    [flagOff(p3), sent, silenced(p3), silenced(p1)],
    resolved(),
    'ticket.none dm.sending',
    'hold ended P1',
    dropped('P1'),
    dm('resolved'),
  ),
  row(
    'the end of an announced alert is announced although its return was held back',
    [flaps(p3), sent, reviewed('silenced'), resolved(), silenced(flaps(p3)), resolved()],
    wait(minutes(10)),
    'life.resolved dm.sending',
    dropped('P3'),
    dm('resolved'),
  ),
  row(
    'the end of an episode that resumed during a silence is not announced a second time',
    [...fiveEpisodes, silenced(p3), resolved()],
    wait(minutes(10)),
    'life.resolved dm.idle',
    dropped('P3'),
  ),
  row(
    'nothing is said of a quiet alert that gets worse and ends during a silence',
    [silenced(emitted({ severity: 'P3', quiet: true })), silenced(p2)],
    resolved(),
    'dm.idle',
    'hold ended P2',
    dropped('P2'),
  ),
  row(
    'an alert that ends during a silence while a message of its last episode is being sent leaves no message',
    [flagOff(p3), resolved(), silenced(p3)],
    resolved(),
    'dm.sending',
    dropped('P3'),
  ),
  row(
    'the end of the last episode is announced after that of a silenced one',
    [flagOff(p3), resolved(), silenced(p3), resolved()],
    sent,
    'dm.sending',
    dm('resolved'),
  ),
  row(
    'an alert that ends during a silence while it is being announced leaves that message and its end',
    [flagOff(p3), silenced(p1), resolved()],
    sent,
    'dm.sending',
    dm('resolved'),
  ),
  row(
    'news of an alert that ends during a silence while it is being announced are dropped',
    [flagOff(p3), silenced(p1)],
    resolved(),
    'dm.sending',
    'hold ended P1',
    dropped('P1'),
  ),
  row(
    'a new title that comes with a silence is not announced',
    [flagOff(p3), sent],
    silenced({ ...p3, title: 'API is slower' }),
    'dm.idle',
  ),
  row(
    'the return of a flapping alert that comes with a silence is not announced, and its ticket is held back by it',
    [flagOff(flaps(p1)), sent, resolved()],
    silenced(flaps(p1)),
    'life.firing dm.idle',
    'hold released P1',
    ...held,
  ),
  row(
    'a silence that begins while a flapping alert is quiet holds its ticket back',
    [flagOff(flaps(p1)), sent, resolved()],
    reviewed('silenced'),
    'life.cooling ticket.heldBack',
    'hold released P1',
    ...held,
  ),
  row(
    'a silence that ends while a flapping alert is quiet releases nothing before it fires again',
    [silenced(flaps(p1)), resolved()],
    reviewed(null),
    'life.cooling ticket.heldBack dm.idle',
  ),
  row(
    'a second id of a key that no silence matches releases nothing',
    [silenced(p1), silenced(withOtherId(p1))],
    withOtherId(p1),
    'ticket.heldBack dm.idle',
  ),
  row(
    'a message that is being sent when a silence begins does not stop, and the next one waits',
    [flagOff(p3), silenced(p1)],
    sent,
    'ticket.heldBack dm.idle',
  ),
  row(
    'a filing that is refused because of a silence is held back',
    [p1, sent],
    refused('silenced'),
    'ticket.heldBack',
    ...held,
  ),
  row(
    'the ticket of a filing that was under way when a silence began is announced at its end',
    [p1, sent, reviewed('silenced'), filed(412)],
    reviewed(null),
    'ticket.ticketed dm.sending',
    dm('ticket'),
  ),
  row(
    'of too many messages that a silence holds the oldest of a kind is left out and audited',
    [silenced(p1), ...Array.from({ length: 20 }, (_, n) => [titled(n), wait(minutes(61))]).flat()],
    titled(20),
    'dm.idle',
    'audit dm_dropped P1 too many messages wait',
  ),
];
