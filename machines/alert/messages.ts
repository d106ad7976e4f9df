import type { DmRequest } from '../shared/protocol.ts';
import { leftOutAudit } from '../shared/waitingMessages.ts';
import { alertSetup } from './setup.ts';
import { droppedAudit, type Queue } from './silencedMessages.ts';
import type { AlertContext, Ending } from './types.ts';
import { tellUmbrella } from './umbrellaMessages.ts';

const announceEnd = {
  type: 'queueDm',
  params: ({ event: { at, reason } }: { event: Ending }) => ({ kind: 'resolved' as const, at, reason }),
} as const;

const dropHeld = (queue: Queue) =>
  [
    { type: 'audit', params: ({ context }: { context: AlertContext }) => droppedAudit(context, queue) },
    { type: 'dropHeldDms', params: queue },
  ] as const;

/** The episode ends while it is silenced. Its end is announced only if somebody was told of it. */
const endWhileSilenced = (queue: Queue) =>
  [
    { guard: 'endsUntold', actions: dropHeld(queue) },
    { guard: 'isSilenced', actions: [...dropHeld(queue), announceEnd] },
  ] as const;

/**
 * Direct messages about the alert, one after the other. They do not wait for the ticket, nor the ticket for them. There
 * are none about a quiet alert. While the alert is silenced they wait.
 */
export const messagesRegion = alertSetup.createStateConfig({
  initial: 'idle',
  on: {
    OPENED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'opened' } } },
    RESUMED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'flapping' } } },
    RETITLED: { guard: 'isAnnounced', actions: { type: 'queueDm', params: { kind: 'escalated' } } },
    ESCALATED: { actions: { type: 'queueDm', params: { kind: 'escalated' } } },
    ENDED: { guard: 'isAnnounced', actions: announceEnd },
  },
  always: {
    guard: 'tooManyDms',
    actions: [{ type: 'audit', params: ({ context }) => leftOutAudit(context) }, 'leaveOutDms'],
  },
  states: {
    idle: {
      description:
        'No message is due, or the alert is silenced: then its messages wait until the silence ends. If the episode ' +
        'ends before that, they are dropped and audited; its end is announced only if somebody was told of the episode.',
      always: { guard: 'mayBeSent', target: 'sending', actions: 'startDm' },
      on: { ENDED: endWhileSilenced({ isSending: false }) },
    },
    sending: {
      description:
        'Messages are sent one after the other. A message that cannot be sent becomes a dead letter, and the next ' +
        'one follows. If too many wait, a newer message of a kind replaces the oldest one; that is audited, and the ' +
        'newer message says how many it replaces. A silence does not stop the message that is being sent.',
      on: { ENDED: endWhileSilenced({ isSending: true }) },
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => context.dms[0] as DmRequest,
        onDone: [
          // Too many messages of this source: the grouped message of its umbrella names this alert.
          {
            guard: { type: 'isGrouped', params: ({ event }) => event.output },
            target: 'idle',
            actions: [{ type: 'tell', params: ({ context }) => tellUmbrella(context, 'DM_MEMBER') }, 'finishDm'],
          },
          { target: 'idle', actions: 'finishDm' },
        ],
        // The host keeps it as a dead letter. The next message does not wait for it.
        onError: { target: 'idle', actions: 'finishDm' },
      },
    },
  },
});
