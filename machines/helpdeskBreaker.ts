import { raise } from 'xstate';
import { failingState, leaveQueue } from './helpdeskBreakerFailing.ts';
import { helpdeskBreakerSetup } from './helpdeskBreakerSetup.ts';
import * as queue from './helpdeskQueue.ts';

/**
 * The circuit breaker of the help desk, for all processes. While the help desk fails, one waiting filing tries every
 * 30 s; the first that succeeds releases all the others. A failure that lasts is reported once by a direct message, and
 * so is its end.
 *
 * A ticket that the help desk refuses, or answers with an error, opens the breaker like any failure, because an outage
 * may look like that. It counts as the ticket's own fault only by evidence: other tickets were filed after it was
 * refused. From then on it does not open the breaker, it is tried again every 30 s beside the others, and after several
 * such refusals over minutes its next try is its last (`helpdeskRefusals.ts`).
 */

export type { HelpdeskBreakerContext } from './helpdeskQueue.ts';

interface In {
  context: queue.HelpdeskBreakerContext;
}
interface Failed extends In {
  event: queue.Failure;
}
interface Succeeded extends In {
  event: queue.Success;
}

const failure = ({ event }: Failed): queue.Failure => event;
const success = ({ event }: Succeeded): queue.Success => event;

const countFailure = { type: 'countFailure', params: failure } as const;
const countSuccess = { type: 'countSuccess', params: success } as const;
/** An open ticket was read while other tickets are refused: this filing is done, and the others continue to wait. */
const onlyRead = {
  guard: { type: 'provesNothing', params: success },
  actions: { type: 'leaveQueue', params: ({ event }: Succeeded) => event.by ?? '' },
} as const;
/** The breaker closed while this report was on its way: the filing may continue at once. */
const goOn = { type: 'tell', params: ({ context, event }: Failed) => queue.turnFor(context, event) } as const;

const releaseAll = [
  countSuccess,
  { type: 'tell', params: ({ context }: In) => queue.turnsForAll(context) },
  'emptyQueue',
] as const;

export const helpdeskBreakerMachine = helpdeskBreakerSetup.createMachine({
  id: 'helpdesk',
  context: { failingSince: null, problem: null, waiting: [], trying: null, refused: [], told: false, said: 0 },
  initial: 'working',
  states: {
    working: {
      description: 'Calls to the help desk succeed, or nothing has failed for a while.',
      entry: ['clearFailure', 'forgetRefusals'],
      on: {
        FAILED: [
          { guard: { type: 'madeNoCall', params: failure }, actions: goOn },
          {
            guard: { type: 'isRefusal', params: failure },
            target: 'failing.tries.asking',
            actions: [countFailure, 'recordFailingSince'],
          },
          { target: 'failing', actions: [countFailure, 'recordFailingSince'] },
        ],
      },
    },

    refusingSome: {
      description:
        'The help desk files tickets, but refuses some. Those are tried again every 30 s and delay no other. A ticket ' +
        'that was refused repeatedly, while others were filed, gets a last try: if it is refused again, it becomes a ' +
        'dead letter.',
      entry: 'clearFailure',
      always: { guard: 'noneRefused', target: 'working' },
      on: {
        FAILED: [
          { guard: { type: 'waitsAfterRefusal', params: failure }, actions: countFailure },
          { guard: { type: 'madeNoCall', params: failure }, actions: goOn },
          { guard: { type: 'isOwnFault', params: failure }, actions: countFailure },
          {
            guard: { type: 'isRefusal', params: failure },
            target: 'failing.tries.asking',
            actions: [countFailure, 'recordFailingSince'],
          },
          { target: 'failing', actions: [countFailure, 'recordFailingSince'] },
        ],
        SUCCEEDED: [onlyRead, { actions: countSuccess }],
        LEFT: { actions: leaveQueue },
      },
      after: {
        betweenTries: {
          target: 'refusingSome',
          reenter: true,
          actions: [
            'forgetOldRefusals',
            { type: 'tell', params: ({ context }) => queue.turnsForAll(context) },
            'emptyQueue',
          ],
        },
      },
    },

    failing: {
      ...failingState,
      on: {
        FAILED: { actions: [countFailure, raise({ type: 'COUNTED' })] },
        LEFT: { actions: leaveQueue },
        SUCCEEDED: [
          onlyRead,
          { guard: 'wasTold', target: 'back', actions: releaseAll },
          { guard: { type: 'othersWereRefused', params: success }, target: 'refusingSome', actions: releaseAll },
          { target: 'working', actions: releaseAll },
        ],
      },
    },

    back: {
      description:
        'The help desk works again, and a message reports that, because one reported the failure. If it fails again ' +
        'before the message is sent, the same failure continues.',
      entry: 'countMessage',
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => queue.message(context, 'desk_back'),
        onDone: [{ guard: 'someRefused', target: 'refusingSome' }, { target: 'working' }],
        onError: [{ guard: 'someRefused', target: 'refusingSome' }, { target: 'working' }],
      },
      on: {
        FAILED: [
          { guard: { type: 'waitsAfterRefusal', params: failure }, actions: countFailure },
          { guard: { type: 'madeNoCall', params: failure }, actions: goOn },
          { guard: { type: 'isOwnFault', params: failure }, actions: countFailure },
          { target: 'failing', actions: countFailure },
        ],
        SUCCEEDED: [onlyRead, { actions: countSuccess }],
        LEFT: { actions: leaveQueue },
      },
    },
  },
});
