import type { EmittedEvent } from '../../../../machines/alert/types.ts';
import { minutes, wait } from '../../support/driver.ts';
import { filed, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, flagOff, p1, p3, reviewed, sent, ticketed } from '../alertEvents.ts';

const silenced = (event: EmittedEvent): EmittedEvent => ({ ...event, held: 'silenced' });
const held = ['audit skipped P1 silenced', 'hold silenced P1'];
const filesAfter = (kind: string) => ['intend 1', dm(kind), 'run fileTicket 1'];
const titled = (n: number): EmittedEvent => silenced({ ...p1, title: `API is DOWN (${n})` });

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
    'audit dm_dropped P1 ended while silenced',
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
    'audit dm_dropped P1 ended while silenced',
    dm('resolved'),
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
