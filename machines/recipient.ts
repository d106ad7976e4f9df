import { assign, setup } from 'xstate';
import { hostActions, messageEffects } from './shared/host.ts';
import type { DmRequest } from './shared/protocol.ts';
import { leftOutAudit, oldestLeftOut, tooManyWait } from './shared/waitingMessages.ts';

/**
 * One of several recipients of the messages about an alert: a channel or a person. Its messages are sent in their order,
 * since a reply needs the message that it replies to, and hold up no other recipient.
 */

export interface RecipientContext {
  /** Messages to send, next first. */
  dms: DmRequest[];
}

export type RecipientEvent = { type: 'SEND'; request: DmRequest };

const { audit } = hostActions;

export const recipientMachine = setup({
  types: { input: {} as { id: string }, context: {} as RecipientContext, events: {} as RecipientEvent },
  actors: messageEffects,
  actions: {
    audit,
    queueDm: assign(({ context }, request: DmRequest) => ({ dms: [...context.dms, request] })),
    leaveOutDms: assign(({ context }) => oldestLeftOut(context)),
    finishDm: assign(({ context }) => ({ dms: context.dms.slice(1) })),
  },
  guards: {
    hasDms: ({ context }) => context.dms.length > 0,
    tooManyDms: ({ context }) => tooManyWait(context),
  },
}).createMachine({
  id: 'recipient',
  context: { dms: [] },
  initial: 'idle',
  on: { SEND: { actions: { type: 'queueDm', params: ({ event }) => event.request } } },
  states: {
    idle: {
      description: 'No message is due.',
      always: { guard: 'hasDms', target: 'sending' },
    },
    sending: {
      description:
        'Messages are sent one after the other. A message that cannot be sent becomes a dead letter, and the next one ' +
        'follows. If too many wait, a newer message of a kind replaces the oldest one, which is audited.',
      always: {
        guard: 'tooManyDms',
        actions: [{ type: 'audit', params: ({ context }) => leftOutAudit(context) }, 'leaveOutDms'],
      },
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => context.dms[0] as DmRequest,
        onDone: { target: 'idle', actions: 'finishDm' },
        // The host keeps it as a dead letter. The next message does not wait for it.
        onError: { target: 'idle', actions: 'finishDm' },
      },
    },
  },
});
