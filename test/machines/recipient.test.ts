import { type RecipientContext, recipientMachine } from '../../machines/recipient.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { type ActorInput, broke, done } from './support/driver.ts';
import type { Bounds } from './support/explore.ts';
import { testExploration } from './support/exploredTests.ts';
import { row, table } from './support/transitionTable.ts';

const request = (kind: DmRequest['kind']): DmRequest => ({
  ...{ id: `dm:s:a:${kind}@C1`, thread: 'alert:s:a:1', kind, source: 's', to: 'C1' },
  body: { alertKey: 's:a', severity: 'P1' },
});
const send = (kind: DmRequest['kind']) => ({ type: 'SEND', request: request(kind) }) as ActorInput;
const opened = send('opened');
const resolved = send('resolved');
const sent = done('dm', { outcome: 'sent' });

table(recipientMachine, 'recipient:C1:s:a', {
  messages: [
    row('a message is sent at once', [], opened, 'sending', 'run sendDm opened'),
    row('a message waits for the one before', [opened], resolved, 'sending'),
    row('the next message follows', [opened, resolved], sent, 'sending', 'run sendDm resolved'),
    row(
      'a message that cannot be sent does not stop the next one',
      [opened, resolved],
      broke('dm'),
      'sending',
      'run sendDm resolved',
    ),
    row('nothing is sent once no message is left', [opened], sent, 'idle'),
    row(
      'of too many messages that wait the oldest of a kind is left out and audited',
      Array.from({ length: 21 }, () => resolved),
      resolved,
      'sending',
      'audit dm_dropped P1 too many messages wait',
    ),
  ],
});

const bounds: Bounds<RecipientContext> = {
  machine: recipientMachine,
  id: 'recipient:C1:s:a',
  // Beyond the limit for messages that wait.
  events: ({ context }) => (context.dms.length < 23 ? [opened] : []),
  answers: { dm: () => [{ outcome: 'sent' }] },
  key: ({ dms }) => dms.length,
  rule({ after: { context, states } }, report) {
    if (states.includes('idle') && context.dms.length > 0) report('a message waits and none is sent');
    if (context.dms.length > 21) report('too many messages wait');
  },
};

testExploration(bounds, { rest: ['idle'] });
