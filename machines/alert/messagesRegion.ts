import type { DmRequest } from '../shared/protocol.ts';
import * as life from './life.ts';
import { alertSetup } from './setup.ts';
import * as ticket from './ticket.ts';

/** Direct messages about the alert, one after the other. */
export const messagesRegion = alertSetup.createStateConfig({
  initial: 'idle',
  on: {
    OPENED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'opened') } },
    RESUMED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'flapping') } },
    ESCALATED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'escalated') } },
    ENDED: {
      actions: {
        type: 'set',
        params: ({ context, event }) => life.dm(context, 'resolved', { at: event.at, reason: event.reason }),
      },
    },
  },
  states: {
    idle: { always: { guard: 'dmsWait', target: 'sending' } },
    sending: {
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => context.dms[0] as DmRequest,
        onDone: [
          {
            guard: { type: 'isGrouped', params: ({ event }) => event.output },
            target: 'idle',
            actions: [
              { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'DM_MEMBER') },
              { type: 'set', params: ({ context }) => life.dmOver(context) },
            ],
          },
          { target: 'idle', actions: { type: 'set', params: ({ context }) => life.dmOver(context) } },
        ],
        // Kept as a dead letter; the next message does not wait for it.
        onError: { target: 'idle', actions: { type: 'set', params: ({ context }) => life.dmOver(context) } },
      },
    },
  },
});
