import { type GroupedMessageContext, groupedMessageMachine } from '../../machines/groupedMessage.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { type ActorInput, broke, done } from './support/driver.ts';
import type { Bounds } from './support/explore.ts';
import { testExploration } from './support/exploredTests.ts';
import { row, table } from './support/transitionTable.ts';

const request: DmRequest = { id: 'dm:umbrella:s:2', thread: 'umbrella:s:1', kind: 'grouped', source: 's', body: {} };
const send = { type: 'SEND', request } as ActorInput;

table(groupedMessageMachine, 'grouped:dm:umbrella:s:2', {
  messages: [
    row('a message is sent at once', [], send, 'sending', 'run sendDm grouped'),
    row('a message that was sent is done', [send], done('dm', { outcome: 'sent' }), 'idle'),
    row('a message that cannot be sent becomes a dead letter', [send], broke('dm'), 'idle'),
  ],
});

const bounds: Bounds<GroupedMessageContext> = {
  machine: groupedMessageMachine,
  id: 'grouped:dm:umbrella:s:2',
  events: () => [send],
  answers: { dm: () => [{ outcome: 'sent' }] },
  key: (context) => context.request !== null,
  rule({ after: { context, states } }, report) {
    if (states.includes('idle') && context.request) report('a message that was sent is kept');
  },
};

testExploration(bounds, { rest: ['idle'] });
