import { BREAKER_OPEN } from './shared/helpdeskMessages.ts';
import type { ActorMessage, DmRequest } from './shared/protocol.ts';

/** The queue of filings that wait for the help desk. Pure. */

export interface HelpdeskBreakerContext {
  failingSince: string | null;
  /** Of the last call that failed. */
  problem: string | null;
  /** Actors whose filings wait, next first. The one that tries now is last. */
  waiting: string[];
  /** The actor whose turn it is, until it reports a failure. */
  trying: string | null;
  /** Whether a message said that the help desk fails, and none yet that it works again. */
  told: boolean;
  /** How many messages were sent; numbers their ids. */
  said: number;
}

export interface Failure {
  /** The actor that waits for its turn; null where none does. */
  who: string | null;
  problem: string;
}

type Change = Partial<HelpdeskBreakerContext>;

/** The actors that may try next. One that tried and did not report back has filed, or is in doubt: it waits no more. */
export const queueOf = ({ waiting, trying }: HelpdeskBreakerContext): string[] =>
  waiting.filter((actorId) => actorId !== trying);

export const failureCounted = ({ problem, waiting, trying }: HelpdeskBreakerContext, failure: Failure): Change => ({
  problem: failure.problem === BREAKER_OPEN ? problem : failure.problem,
  waiting: failure.who === null || waiting.includes(failure.who) ? waiting : [...waiting, failure.who],
  trying: trying === failure.who ? null : trying,
});

export const removed = ({ waiting, trying }: HelpdeskBreakerContext, actorId: string): Change => ({
  waiting: waiting.filter((id) => id !== actorId),
  trying: trying === actorId ? null : trying,
});

/** The first of the queue tries for all, and goes to its end. */
export const turnStarted = (context: HelpdeskBreakerContext): Change => {
  const [first = null, ...others] = queueOf(context);
  return { waiting: first === null ? others : [...others, first], trying: first };
};

export const nextTurn = (context: HelpdeskBreakerContext): ActorMessage[] => turns(queueOf(context).slice(0, 1), true);

export const turnsForAll = ({ waiting }: HelpdeskBreakerContext): ActorMessage[] => turns(waiting, false);

export const turnFor = ({ who }: Failure): ActorMessage[] => turns(who === null ? [] : [who], false);

const turns = (actorIds: string[], probe: boolean): ActorMessage[] =>
  actorIds.map((to) => ({ to, event: { type: 'TRY', probe } }));

export const message = (context: HelpdeskBreakerContext, kind: 'desk_failing' | 'desk_back'): DmRequest => ({
  id: `dm:helpdesk:${context.said}`,
  thread: `helpdesk:${context.failingSince}`,
  kind,
  source: null,
  body: { since: context.failingSince, problem: context.problem, waiting: context.waiting.length },
});
