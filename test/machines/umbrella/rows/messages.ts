import { type ActorInput, broke, seconds, wait } from '../../support/driver.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { many, queueAlerts, sent } from '../umbrellaEvents.ts';

/** Grouped messages. */
export const rows: Row[] = [
  row('a first alert waits for others before its message', [], queueAlerts('a')[0] as ActorInput, 'messages.gathering'),
  row(
    'a grouped message is sent after eight seconds',
    queueAlerts('a', 'b'),
    wait(seconds(8)),
    'messages.sending',
    'run sendDm grouped',
  ),
  row('nothing is due once the message was sent', [...queueAlerts('a'), wait(seconds(8))], sent, 'messages.quiet'),
  row(
    'a second message follows at once where one cannot name all',
    [...queueAlerts(...many(301)), wait(seconds(8))],
    sent,
    'messages.sending',
    'run sendDm grouped',
  ),
  row(
    'the alerts of the last message wait for others again',
    [...queueAlerts(...many(301)), wait(seconds(8)), sent],
    sent,
    'messages.gathering',
  ),
  row(
    'an alert that came during a message is named in the next one',
    [...queueAlerts('a'), wait(seconds(8)), ...queueAlerts('b')],
    sent,
    'messages.gathering',
  ),
  row(
    'a message that cannot be sent becomes a dead letter',
    [...queueAlerts('a'), wait(seconds(8))],
    broke('dm'),
    'messages.quiet',
  ),
];
