import * as refusals from './helpdeskRefusals.ts';
import { BREAKER_OPEN } from './shared/helpdeskMessages.ts';
import type { ActorMessage, DmRequest } from './shared/protocol.ts';

/** The queue of filings that wait for the help desk. Pure. */

/**
 * More are not kept. A filing that finds the list full is not lost: once the breaker is closed, the host releases the
 * filings that are not on the list, and each of them also reports itself again every five minutes.
 */
export const MAX_WAITING = 1_000;

export interface HelpdeskBreakerContext {
  failingSince: string | null;
  /** Of the last call that failed. */
  problem: string | null;
  /** Actors whose filings wait, next first, `MAX_WAITING` at most. The one that tries now is last. */
  waiting: string[];
  /** The actor whose turn it is, until it reports a failure. */
  trying: string | null;
  /** Filings that the help desk refused, or answered with an error. */
  refused: refusals.RefusedFiling[];
  /** The last two filings that the help desk rejected without having created a ticket since. */
  rejected?: Rejection[];
  /** Whether a message said that the help desk fails, and none yet that it works again. */
  told: boolean;
  /** How many messages were sent; numbers their ids. */
  said: number;
}

interface Rejection {
  /** Actor id. */
  who: string;
  at: string;
}

export interface Failure {
  /** The actor that waits for its turn; null if none does. */
  who: string | null;
  problem: string;
  /** The actor whose ticket was refused or answered with an error; absent if the ticket was not even sent. */
  refused?: string;
  /** The problem is that of an outage, and the ticket itself may be its cause all the same. */
  own?: true;
}

export interface Success {
  /** The actor whose ticket was filed; absent if an older release reports it. */
  by?: string;
  /** No ticket was created: one that was open already was read. */
  read?: boolean;
}

/** A ticket may be rejected itself, and a firewall may forbid its text. Other problems are those of every ticket. */
const MAY_BE_ABOUT_TICKET = ['rejected', 'forbidden'];

type Change = Partial<HelpdeskBreakerContext>;
type Queue = Pick<HelpdeskBreakerContext, 'waiting' | 'trying' | 'refused'>;

/**
 * The actors that may try next: those whose ticket was refused least often first, so that a ticket that is always
 * refused delays no other. One that tried and did not report back has filed, or is in doubt: it no longer waits.
 */
export const queueOf = ({ waiting, trying, refused }: Queue): string[] =>
  waiting
    .filter((actorId) => actorId !== trying)
    .toSorted((a, b) => refusals.refusalsOf(refused, a) - refusals.refusalsOf(refused, b));

export const failureCounted = (context: HelpdeskBreakerContext, failure: Failure, at: string): Change => {
  const { problem, waiting, trying, refused } = context;
  const isFull = waiting.length >= MAX_WAITING;
  return {
    problem: failure.problem === BREAKER_OPEN ? problem : failure.problem,
    waiting: failure.who === null || isFull || waiting.includes(failure.who) ? waiting : [...waiting, failure.who],
    trying: trying === failure.who ? null : trying,
    refused: failure.refused
      ? refusals.refusalCounted(refused, failure.refused, at, {
          inDoubt: failure.who === null,
          isOwn: failure.own === true || MAY_BE_ABOUT_TICKET.includes(failure.problem),
        })
      : refusals.doubtEnded(refused, failure.who),
    ...(isRejection(failure) ? { rejected: rejectionCounted(context, failure.refused, at) } : {}),
  };
};

export const removed = ({ waiting, trying, refused }: HelpdeskBreakerContext, actorId: string): Change => ({
  waiting: waiting.filter((id) => id !== actorId),
  trying: trying === actorId ? null : trying,
  refused: refusals.without(refused, actorId),
});

export const successCounted = (
  { waiting, refused, rejected }: HelpdeskBreakerContext,
  { by, read }: Success,
): Change => ({
  waiting: waiting.filter((actorId) => actorId !== by),
  refused: refusals.confirmedBy(refused, by ?? null),
  ...(rejected && !read ? { rejected: [] } : {}),
});

const isRejection = (failure: Failure): failure is Failure & { refused: string } =>
  failure.refused !== undefined && failure.problem === 'rejected';

/** The ticket itself may be the cause, so that another one may try at once. */
export const mayBeRefusal = (failure: Failure): boolean =>
  isRejection(failure) || (failure.refused !== undefined && failure.own === true);

/** Rejections that are further apart say nothing about each other. */
const REJECTION_COUNTS_MS = 60 * 60_000;

const countsStill = (rejections: readonly Rejection[], now: string): Rejection[] =>
  rejections.filter(({ at }) => Date.parse(now) - Date.parse(at) < REJECTION_COUNTS_MS);

const rejectionCounted = ({ rejected = [] }: HelpdeskBreakerContext, who: string, at: string): Rejection[] =>
  [...countsStill(rejected, at).filter((other) => other.who !== who), { who, at }].slice(-2);

export const oldForgotten = ({ refused, rejected }: HelpdeskBreakerContext, now: string): Change => ({
  refused: refusals.notForgotten(refused, now),
  ...(rejected && { rejected: countsStill(rejected, now) }),
});

/**
 * The help desk rejected different filings within an hour and has created no ticket since. Only a ticket shows that it
 * works again: a read does not, even if nobody waits any more. One rejected filing may be at fault itself. An hour after
 * the last rejection a read decides, so that an outage after which nobody files anything ends too.
 */
export const rejectsTickets = ({ rejected = [] }: HelpdeskBreakerContext): boolean => rejected.length > 1;

/** The first of the queue tries for all, and moves to the end of the queue. */
export const turnStarted = (context: HelpdeskBreakerContext): Change => {
  const [first = null, ...others] = queueOf(context);
  return { waiting: first === null ? others : [...others, first], trying: first };
};

/** It was this actor's turn, and another one waits. */
export const passesTurn = (context: HelpdeskBreakerContext, actorId: string): boolean =>
  context.trying === actorId && queueOf(context).length > 0;

export const nextTurn = (context: HelpdeskBreakerContext): ActorMessage[] =>
  turns(context, queueOf(context).slice(0, 1), true);

export const turnsForAll = (context: HelpdeskBreakerContext): ActorMessage[] => turns(context, context.waiting, false);

export const turnFor = (context: HelpdeskBreakerContext, { who }: Failure): ActorMessage[] =>
  turns(context, who === null ? [] : [who], false);

/** A filing that tries for all has no last try: its answer may be that of every ticket. */
const turns = ({ refused }: HelpdeskBreakerContext, actorIds: string[], probe: boolean): ActorMessage[] =>
  actorIds.map((to) => ({
    to,
    event: { type: 'TRY', probe, ...(!probe && refusals.isPoison(refused, to) ? { last: true } : {}) },
  }));

/** A filing waits whose ticket was not refused, so that its try shows whether the help desk works. */
export const othersWait = (context: HelpdeskBreakerContext): boolean =>
  queueOf(context).some((who) => !refusals.wasRefused(context.refused, who));

/** If other tickets are refused, a read does not show that tickets can be filed. */
export const provesNothing = (context: HelpdeskBreakerContext, success: Success): boolean =>
  success.read === true && (othersWereRefused(context, success) || rejectsTickets(context));

/** Whether any filing but this one was refused. */
export const othersWereRefused = ({ refused }: HelpdeskBreakerContext, { by }: Success): boolean =>
  refusals.without(refused, by ?? null).length > 0;

/** A report that opens no breaker: others were filed after this ticket was refused. */
export const isOwnFault = ({ refused }: HelpdeskBreakerContext, failure: Failure): boolean =>
  failure.refused !== undefined && refusals.isInconclusive(refused, failure.refused);

export const madeNoCall = ({ problem }: Failure): boolean => problem === BREAKER_OPEN;

/** Made no call, and its ticket was refused before: it waits for its next try. */
export const waitsAfterRefusal = ({ refused }: HelpdeskBreakerContext, failure: Failure): boolean =>
  madeNoCall(failure) && refusals.wasRefused(refused, failure.who);

export const message = (context: HelpdeskBreakerContext, kind: 'desk_failing' | 'desk_back'): DmRequest => ({
  id: `dm:helpdesk:${context.said}`,
  thread: `helpdesk:${context.failingSince}`,
  kind,
  source: null,
  body: { since: context.failingSince, problem: context.problem, waiting: context.waiting.length },
});
