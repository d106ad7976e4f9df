import { helpdeskBreakerSetup } from './helpdeskBreakerSetup.ts';
import * as queue from './helpdeskQueue.ts';
import { output } from './shared/filing.ts';

interface In {
  context: queue.HelpdeskBreakerContext;
}

interface Left {
  event: { who: string };
}

export const leaveQueue = { type: 'leaveQueue', params: ({ event }: Left) => event.who } as const;

const startNextTurn = [{ type: 'tell', params: ({ context }: In) => queue.nextTurn(context) }, 'startTurn'] as const;

/** No filing waits, and the help desk answers. */
const forgetAll = ['emptyQueue', 'forgetRefusals'] as const;

/** The breaker is open. Its transitions out of this state are in `helpdeskBreaker.ts`. */
export const failingState = helpdeskBreakerSetup.createStateConfig({
  description: 'Filings wait. Clicks on Investigate do not: each of them is tried at once.',
  type: 'parallel',
  states: {
    tries: {
      initial: 'pausing',
      states: {
        pausing: {
          description:
            'The filings wait. After the pause one of them tries for all: the first whose ticket was refused least often. ' +
            'If it is no longer needed, the next one tries at once.',
          on: {
            LEFT: {
              guard: { type: 'passesTurn', params: ({ event }) => event.who },
              target: 'pausing',
              reenter: true,
              actions: [leaveQueue, ...startNextTurn],
            },
          },
          after: {
            betweenTries: [
              { guard: 'filingsWait', target: 'pausing', reenter: true, actions: startNextTurn },
              { target: 'free', actions: 'emptyQueue' },
            ],
          },
        },
        asking: {
          description:
            'A ticket was refused, and the ticket itself may be the cause. The next waiting filing tries at once, because ' +
            'its success shows that the help desk works.',
          on: { COUNTED: { guard: 'othersWait', target: 'pausing', actions: startNextTurn } },
          after: {
            betweenTries: [
              { guard: 'filingsWait', target: 'pausing', actions: startNextTurn },
              { target: 'free', actions: 'emptyQueue' },
            ],
          },
        },
        free: {
          description:
            'No filing waited when the pause was over, so the next one that fails may try again at once. Until then ' +
            'a read shows every 30 s whether the help desk works again. If it rejected different filings, only a ' +
            'ticket shows that, until an hour after the last rejection.',
          on: {
            COUNTED: [
              { guard: 'filingsWait', target: 'pausing', actions: startNextTurn },
              { target: 'free', reenter: true },
            ],
          },
          after: {
            betweenTries: [
              { guard: 'readDecides', target: 'checking' },
              { target: 'free', reenter: true, actions: 'forgetOldRefusals' },
            ],
          },
        },
        checking: {
          description: 'No filing waits and none is in doubt. Mailboxes, tags and users of the help desk are read.',
          invoke: {
            id: 'check',
            src: 'checkHelpdesk',
            input: {},
            onDone: [
              { guard: { type: 'worksAfterMessage', params: output }, target: '#helpdesk.back', actions: forgetAll },
              { guard: { type: 'works', params: output }, target: '#helpdesk.working', actions: forgetAll },
              { target: 'free' },
            ],
            onError: 'free',
          },
          on: { COUNTED: { guard: 'filingsWait', target: 'pausing', actions: startNextTurn } },
        },
      },
    },
    news: {
      initial: 'quiet',
      states: {
        quiet: {
          description: 'No message was sent about this failure yet.',
          always: { guard: 'wasTold', target: 'told' },
          after: { beforeTelling: 'telling' },
        },
        telling: {
          description: 'The message that the help desk fails is being sent.',
          entry: ['recordTold', 'countMessage'],
          invoke: {
            id: 'dm',
            src: 'sendDm',
            input: ({ context }) => queue.message(context, 'desk_failing'),
            onDone: 'told',
            // The host keeps it as a dead letter. It is not sent again.
            onError: 'told',
          },
        },
        told: {
          description: 'One message was sent. There is no second one for the same failure.',
        },
      },
    },
  },
});
