import { assign, setup } from 'xstate';
import { hostActions, messageEffects } from './shared/host.ts';
import type { AuditEntry, DmRequest } from './shared/protocol.ts';

/**
 * An alarm for dead letters that wait too long, for all processes together. One message is sent when the oldest is
 * overdue, and the next one only after a time without overdue dead letters.
 */

export interface DeadLetterAlarmContext {
  /** Since when the oldest is dead, and how many there were when the alarm was raised. */
  since: string | null;
  count: number;
  /** How many messages were sent; numbers their ids. */
  said: number;
}

export type DeadLetterAlarmEvent =
  /** The oldest dead letter has waited for too long. */
  | { type: 'OVERDUE'; since: string; count: number }
  /** No dead letter is overdue. */
  | { type: 'CLEARED' };

interface Overdue {
  since: string;
  count: number;
}

const { audit } = hostActions;

const overdueAudit = ({ since, count }: Overdue): AuditEntry[] => [
  { action: 'console.dead_letters.overdue', payload: { since, count }, actor: 'console' },
];

const message = ({ since, count, said }: DeadLetterAlarmContext): DmRequest => ({
  id: `dm:letters:${said}`,
  thread: `letters:${said}`,
  kind: 'letters_overdue',
  source: null,
  body: { since, count },
});

export const deadLetterAlarmMachine = setup({
  types: { input: {} as { id: string }, context: {} as DeadLetterAlarmContext, events: {} as DeadLetterAlarmEvent },
  actors: messageEffects,
  actions: {
    audit,
    raiseAlarm: assign(({ context }, { since, count }: Overdue) => ({ since, count, said: context.said + 1 })),
    clearAlarm: assign({ since: null, count: 0 }),
  },
}).createMachine({
  id: 'letters',
  context: { since: null, count: 0, said: 0 },
  initial: 'calm',
  states: {
    calm: {
      description: 'No dead letter is overdue.',
      on: {
        OVERDUE: {
          target: 'telling',
          actions: [
            { type: 'audit', params: ({ event }) => overdueAudit(event) },
            { type: 'raiseAlarm', params: ({ event }) => event },
          ],
        },
      },
    },

    telling: {
      description: 'The message is being sent. If it cannot be sent it becomes a dead letter like any other.',
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => message(context),
        onDone: 'told',
        // The host keeps it as a dead letter like any other.
        onError: 'told',
      },
    },

    told: {
      description: 'Further dead letters that become overdue raise no second alarm.',
      on: { CLEARED: { target: 'calm', actions: 'clearAlarm' } },
    },
  },
});
