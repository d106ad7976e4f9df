import { assign, setup } from 'xstate';
import { messageEffects } from './shared/effects.ts';
import type { AuditEntry, DmRequest } from './shared/protocol.ts';
import { unprovided } from './shared/unprovided.ts';

/**
 * Whether dead letters lie about for too long, for the whole fleet. A person hears of it once, and anew only after
 * none was overdue meanwhile.
 */

export interface DeadLetterAlarmContext {
  /** When the oldest was given up, and how many there were when it was told. */
  since: string | null;
  count: number;
  said: number;
}

export type DeadLetterAlarmEvent =
  /** The oldest has waited for longer than it should. */
  | { type: 'OVERDUE'; since: string; count: number }
  /** None has. */
  | { type: 'CLEARED' };

const overdue = ({ since, count }: { since: string; count: number }): AuditEntry[] => [
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
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    set: assign((_, change: Partial<DeadLetterAlarmContext>) => change),
  },
}).createMachine({
  id: 'letters',
  context: { since: null, count: 0, said: 0 },
  initial: 'calm',
  states: {
    calm: {
      on: {
        OVERDUE: {
          target: 'telling',
          actions: [
            { type: 'audit', params: ({ event }) => overdue(event) },
            {
              type: 'set',
              params: ({ context, event }) => ({ since: event.since, count: event.count, said: context.said + 1 }),
            },
          ],
        },
      },
    },
    telling: {
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => message(context),
        onDone: 'told',
        // Kept as a dead letter like any other.
        onError: 'told',
      },
    },
    told: { on: { CLEARED: { target: 'calm', actions: { type: 'set', params: { since: null, count: 0 } } } } },
  },
});
