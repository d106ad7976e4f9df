import type { DmRequest } from '../shared/protocol.ts';
import { leftOutAudit } from '../shared/waitingMessages.ts';
import { alertSetup } from './setup.ts';
import { joinUmbrella } from './umbrellaMessages.ts';

/**
 * Direct messages about the alert, one after the other. They do not wait for the ticket, nor the ticket for them. There
 * are none about a quiet alert.
 */
export const messagesRegion = alertSetup.createStateConfig({
  initial: 'idle',
  on: {
    OPENED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'opened' } } },
    RESUMED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'flapping' } } },
    RETITLED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'escalated' } } },
    ESCALATED: { actions: { type: 'queueDm', params: { kind: 'escalated' } } },
    ENDED: {
      guard: 'isAnnounced',
      actions: {
        type: 'queueDm',
        params: ({ event: { at, reason } }) => ({ kind: 'resolved' as const, at, reason }),
      },
    },
  },
  states: {
    idle: {
      description: 'No message is due.',
      always: { guard: 'hasDms', target: 'sending' },
    },
    sending: {
      description:
        'Messages are sent one after the other. One that cannot be sent becomes a dead letter, and the next ' +
        'one follows. Where too many wait, a newer message of a kind takes the place of the oldest one; that is ' +
        'audited, and the newer message says how many it stands for.',
      always: {
        guard: 'tooManyDms',
        actions: [{ type: 'audit', params: ({ context }) => leftOutAudit(context) }, 'leaveOutDms'],
      },
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => context.dms[0] as DmRequest,
        onDone: [
          // Too many messages of this source: the grouped message of its umbrella names this alert.
          {
            guard: { type: 'isGrouped', params: ({ event }) => event.output },
            target: 'idle',
            actions: [{ type: 'tell', params: ({ context }) => joinUmbrella(context, 'DM_MEMBER') }, 'finishDm'],
          },
          { target: 'idle', actions: 'finishDm' },
        ],
        // The host keeps it as a dead letter. The next message does not wait for it.
        onError: { target: 'idle', actions: 'finishDm' },
      },
    },
  },
});
