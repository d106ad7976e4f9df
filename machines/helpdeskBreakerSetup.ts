import { assign, setup } from 'xstate';
import * as queue from './helpdeskQueue.ts';
import { anyInDoubt } from './helpdeskRefusals.ts';
import { helpdeskEffects, hostActions, messageEffects } from './shared/host.ts';
import { type HelpdeskCheck, instantOf } from './shared/protocol.ts';

export type HelpdeskBreakerEvent =
  | ({ type: 'FAILED' } & queue.Failure)
  | { type: 'LEFT'; who: string }
  | ({ type: 'SUCCEEDED' } & queue.Success)
  /** Raised by the machine itself: a failure was counted. */
  | { type: 'COUNTED' };

const { tell } = hostActions;

/** The vocabulary of the breaker's chart: effects, actions, guards and delays. */
export const helpdeskBreakerSetup = setup({
  types: {
    input: {} as { id: string },
    context: {} as queue.HelpdeskBreakerContext,
    events: {} as HelpdeskBreakerEvent,
  },
  actors: { ...messageEffects, ...helpdeskEffects },
  actions: {
    tell,
    countFailure: assign(({ context, event }, failure: queue.Failure) =>
      queue.failureCounted(context, failure, instantOf(event)),
    ),
    countSuccess: assign(({ context }, success: queue.Success) => queue.successCounted(context, success)),
    recordFailingSince: assign(({ event }) => ({ failingSince: instantOf(event) })),
    clearFailure: assign({ failingSince: null, problem: null, told: false }),
    leaveQueue: assign(({ context }, actorId: string) => queue.removed(context, actorId)),
    startTurn: assign(({ context }) => queue.turnStarted(context)),
    emptyQueue: assign({ waiting: [], trying: null }),
    forgetRefusals: assign({ refused: [] }),
    forgetOldRefusals: assign(({ context, event }) => queue.oldForgotten(context, instantOf(event))),
    recordTold: assign({ told: true }),
    countMessage: assign(({ context }) => ({ said: context.said + 1 })),
  },
  guards: {
    wasTold: ({ context }) => context.told,
    filingsWait: ({ context }) => queue.queueOf(context).length > 0,
    othersWait: ({ context }) => queue.othersWait(context),
    passesTurn: ({ context }, actorId: string) => queue.passesTurn(context, actorId),
    /** Nobody tries, and a read would show whether tickets can be filed. */
    readDecides: ({ context }) =>
      queue.queueOf(context).length === 0 && !anyInDoubt(context.refused) && !queue.rejectsTickets(context),
    noneRefused: ({ context }) => context.refused.length === 0,
    someRefused: ({ context }) => context.refused.length > 0,
    provesNothing: ({ context }, success: queue.Success) => queue.provesNothing(context, success),
    othersWereRefused: ({ context }, success: queue.Success) => queue.othersWereRefused(context, success),
    madeNoCall: (_, failure: queue.Failure) => queue.madeNoCall(failure),
    waitsAfterRefusal: ({ context }, failure: queue.Failure) => queue.waitsAfterRefusal(context, failure),
    /** Others were filed after this ticket was refused. */
    isOwnFault: ({ context }, failure: queue.Failure) => queue.isOwnFault(context, failure),
    isRefusal: (_, failure: queue.Failure) => queue.mayBeRefusal(failure),
    works: ({ context }, check: HelpdeskCheck) => check.works && !queue.rejectsTickets(context),
    worksAfterMessage: ({ context }, check: HelpdeskCheck) =>
      check.works && !queue.rejectsTickets(context) && context.told,
  },
  delays: { betweenTries: 30_000, beforeTelling: 30 * 60_000 },
});
