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
    'alerts that fill a message get one of their own at once',
    queueAlerts(...many(150)),
    queueAlerts('a')[0] as ActorInput,
    'messages.gathering',
    'tell grouped:dm:umbrella:s:1 SEND',
  ),
  row(
    'alerts that fill a message do not wait for the one that is being sent',
    [...queueAlerts('a'), wait(seconds(8)), ...queueAlerts(...many(150))],
    queueAlerts('b')[0] as ActorInput,
    'messages.sending',
    'tell grouped:dm:umbrella:s:2 SEND',
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
