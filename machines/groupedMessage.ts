import { assign, setup } from 'xstate';
import { messageEffects } from './shared/host.ts';
import type { DmRequest } from './shared/protocol.ts';

/**
 * One grouped message that an umbrella handed over, because more alerts wait than its next message can name. So an
 * umbrella keeps few alerts itself, however long messages cannot be sent.
 */

export interface GroupedMessageContext {
  /** Null before and after it is sent. */
  request: DmRequest | null;
}

export type GroupedMessageEvent = { type: 'SEND'; request: DmRequest };

export const groupedMessageMachine = setup({
  types: { input: {} as { id: string }, context: {} as GroupedMessageContext, events: {} as GroupedMessageEvent },
  actors: messageEffects,
  actions: {
    takeRequest: assign((_, request: DmRequest) => ({ request })),
    forgetRequest: assign({ request: null }),
  },
}).createMachine({
  id: 'grouped',
  context: { request: null },
  initial: 'idle',
  states: {
    idle: {
      description: 'The message was sent, or was not requested yet.',
      entry: 'forgetRequest',
      on: { SEND: { target: 'sending', actions: { type: 'takeRequest', params: ({ event }) => event.request } } },
    },
    sending: {
      description: 'The message is being sent. If it cannot be sent it becomes a dead letter.',
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => context.request as DmRequest,
        onDone: 'idle',
        // The host keeps it as a dead letter.
        onError: 'idle',
      },
    },
  },
});
