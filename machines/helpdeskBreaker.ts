import { assign, raise, setup } from 'xstate';
import * as queue from './helpdeskQueue.ts';
import { BREAKER_OPEN } from './shared/helpdeskMessages.ts';
import { hostActions, messageEffects } from './shared/host.ts';
import { instantOf } from './shared/protocol.ts';

/**
 * The circuit breaker of the help desk, for the whole fleet. While the help desk fails, one waiting filing tries every
 * 30 s; the first that succeeds releases all the others. A failure that lasts is reported once by a direct message, and
 * so is its end.
 */

export type HelpdeskBreakerEvent =
  | ({ type: 'FAILED' } & queue.Failure)
  | { type: 'LEFT'; who: string }
  | { type: 'SUCCEEDED' }
  /** Raised by the machine itself: a failure was counted. */
  | { type: 'COUNTED' };

export type { HelpdeskBreakerContext } from './helpdeskQueue.ts';

const { tell } = hostActions;

interface In {
  context: queue.HelpdeskBreakerContext;
}

const startNextTurn = [{ type: 'tell', params: ({ context }: In) => queue.nextTurn(context) }, 'startTurn'] as const;

const releaseAll = [{ type: 'tell', params: ({ context }: In) => queue.turnsForAll(context) }, 'emptyQueue'] as const;

export const helpdeskBreakerMachine = setup({
  types: {
    input: {} as { id: string },
    context: {} as queue.HelpdeskBreakerContext,
    events: {} as HelpdeskBreakerEvent,
  },
  actors: messageEffects,
  actions: {
    tell,
    countFailure: assign(({ context }, failure: queue.Failure) => queue.failureCounted(context, failure)),
    recordFailingSince: assign(({ event }) => ({ failingSince: instantOf(event) })),
    clearFailure: assign({ failingSince: null, problem: null, told: false }),
    leaveQueue: assign(({ context }, actorId: string) => queue.removed(context, actorId)),
    startTurn: assign(({ context }) => queue.turnStarted(context)),
    emptyQueue: assign({ waiting: [], trying: null }),
    recordTold: assign({ told: true }),
    countMessage: assign(({ context }) => ({ said: context.said + 1 })),
  },
  guards: {
    wasTold: ({ context }) => context.told,
    wasNotTold: ({ context }) => !context.told,
    filingsWait: ({ context }) => queue.queueOf(context).length > 0,
    madeNoCall: (_, { problem }: queue.Failure) => problem === BREAKER_OPEN,
  },
  delays: { betweenTries: 30_000, beforeForgetting: 10 * 60_000, beforeTelling: 30 * 60_000 },
}).createMachine({
  id: 'helpdesk',
  context: { failingSince: null, problem: null, waiting: [], trying: null, told: false, said: 0 },
  initial: 'working',
  states: {
    working: {
      description: 'Calls to the help desk succeed, or nothing has failed for a while.',
      entry: 'clearFailure',
      on: {
        FAILED: [
          // The breaker closed while this report was on its way: the filing may go on at once.
          {
            guard: { type: 'madeNoCall', params: ({ event }) => event },
            actions: { type: 'tell', params: ({ event }) => queue.turnFor(event) },
          },
          {
            target: 'failing',
            actions: [{ type: 'countFailure', params: ({ event }) => event }, 'recordFailingSince'],
          },
        ],
      },
    },

    failing: {
      description: 'Filings wait. Clicks on Investigate do not: each of them is tried at once.',
      type: 'parallel',
      on: {
        FAILED: { actions: [{ type: 'countFailure', params: ({ event }) => event }, raise({ type: 'COUNTED' })] },
        LEFT: { actions: { type: 'leaveQueue', params: ({ event }) => event.who } },
        SUCCEEDED: [
          { guard: 'wasTold', target: 'back', actions: releaseAll },
          { target: 'working', actions: releaseAll },
        ],
      },
      states: {
        tries: {
          initial: 'pausing',
          states: {
            pausing: {
              description: 'The filings wait. After the pause the first of them tries for all.',
              after: {
                betweenTries: [
                  { guard: 'filingsWait', target: 'pausing', reenter: true, actions: startNextTurn },
                  { target: 'free', actions: 'emptyQueue' },
                ],
              },
            },
            free: {
              description:
                'No filing waited when the pause was over, so the next one that fails may try again at once. A ' +
                'failure this old says nothing about now: it ends silently, unless a message about it was sent.',
              on: {
                COUNTED: [
                  { guard: 'filingsWait', target: 'pausing', actions: startNextTurn },
                  { target: 'free', reenter: true },
                ],
              },
              after: { beforeForgetting: { guard: 'wasNotTold', target: '#helpdesk.working' } },
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
    },

    back: {
      description:
        'It works again, and a message says so, because one said that it fails. If it fails again before the ' +
        'message is sent, the same failure goes on.',
      entry: 'countMessage',
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => queue.message(context, 'desk_back'),
        onDone: 'working',
        onError: 'working',
      },
      on: {
        FAILED: [
          // The breaker closed while this report was on its way: the filing may go on at once.
          {
            guard: { type: 'madeNoCall', params: ({ event }) => event },
            actions: { type: 'tell', params: ({ event }) => queue.turnFor(event) },
          },
          { target: 'failing', actions: { type: 'countFailure', params: ({ event }) => event } },
        ],
      },
    },
  },
});
