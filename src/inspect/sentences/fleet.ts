import type { ConnectionEvent, connectionMachine } from '../../../machines/connection.ts';
import type { DeadLetterAlarmEvent, deadLetterAlarmMachine } from '../../../machines/deadLetterAlarm.ts';
import type { GroupedMessageEvent, groupedMessageMachine } from '../../../machines/groupedMessage.ts';
import type { helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import type { HelpdeskBreakerEvent } from '../../../machines/helpdeskBreakerSetup.ts';
import type { Failure } from '../../../machines/helpdeskQueue.ts';
import type { RecipientEvent, recipientMachine } from '../../../machines/recipient.ts';
import { BREAKER_OPEN } from '../../../machines/shared/helpdeskMessages.ts';
import type { HelpdeskCheck } from '../../../machines/shared/protocol.ts';
import { joined, type Sentences, type Stored } from './sentences.ts';
import { dm } from './shared.ts';

/** The machines of which there is one for all processes, and those of messages. */

export const connectionSentences: Sentences<ConnectionEvent, typeof connectionMachine> = {
  events: {
    LOST: () => 'This console is offline: none of its self-check targets answers.',
    REACHED: () => 'This console is connected again.',
  },
  results: {},
  timers: {},
};

function failed({ who, problem }: Failure): string {
  if (problem === BREAKER_OPEN) return `${who ?? 'A filing'} waits for FreeScout.`;
  const what = problem.replaceAll('_', ' ');
  return who === null ? `A filing is in doubt: ${what}.` : `${who} could not be filed: ${what}.`;
}

export const helpdeskSentences: Sentences<HelpdeskBreakerEvent, typeof helpdeskBreakerMachine> = {
  events: {
    FAILED: failed,
    LEFT: ({ who }) => `${who} no longer waits for FreeScout.`,
    SUCCEEDED: ({ by }, change) =>
      joined(
        `${by ?? 'A filing'} has its ticket.`,
        change.entered('working') || change.entered('back') ? 'FreeScout works again.' : '',
      ),
    // The machine raises it for itself; the history has the failure.
    COUNTED: () => 'A failure was counted.',
  },
  results: {
    dm,
    check: {
      done: (check: Stored<HelpdeskCheck>) => (check?.works ? 'FreeScout can be read.' : 'FreeScout cannot be read.'),
      failed: 'FreeScout cannot be read.',
    },
  },
  timers: {
    betweenTries: () => 'The pause before the next try is over.',
    beforeTelling: () => 'FreeScout has failed for so long that a direct message says so.',
  },
};

export const recipientSentences: Sentences<RecipientEvent, typeof recipientMachine> = {
  events: { SEND: () => 'A message to this recipient is due.' },
  results: { dm },
  timers: {},
};

export const groupedMessageSentences: Sentences<GroupedMessageEvent, typeof groupedMessageMachine> = {
  events: { SEND: () => 'The message is due.' },
  results: { dm },
  timers: {},
};

export const deadLetterAlarmSentences: Sentences<DeadLetterAlarmEvent, typeof deadLetterAlarmMachine> = {
  events: {
    OVERDUE: ({ count }) =>
      `${count === 1 ? 'A dead letter' : `The oldest of ${count} dead letters`} has waited for too long.`,
    CLEARED: () => 'No dead letter is overdue any more.',
  },
  results: { dm },
  timers: {},
};
