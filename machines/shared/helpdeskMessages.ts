import { HELPDESK_ACTOR } from './actorId.ts';
import type { ActorMessage, FilingResult } from './protocol.ts';

/**
 * What an actor that files reports to the circuit breaker of the help desk (`helpdeskBreaker.ts`). Messages may overtake
 * each other, and an accident may lose one; the reminder makes up for that.
 */

/** The problem of a filing that made no call, because the breaker was open. */
export const BREAKER_OPEN = 'held';

/** Delay for `setup`: how long a filing waits, or stays in doubt, before it is reported again. */
export const helpdeskDelays = { reminder: 5 * 60_000 };

const send = (event: ActorMessage['event']): ActorMessage[] => [{ to: HELPDESK_ACTOR, event }];

/** A filing that succeeded although the breaker was open closes it. */
export const reportFiled = (result: FilingResult): ActorMessage[] =>
  result.outcome === 'filed' && result.whileFailing ? send({ type: 'SUCCEEDED' }) : [];

/**
 * The ticket was found after a doubt. Unlike `reportFiled` this is always reported: the failure that was reported when
 * the doubt began may still be on its way, and would otherwise arrive last.
 */
export const reportFound: ActorMessage[] = send({ type: 'SUCCEEDED' });

/** The filing failed, and `actorId` waits for its turn to try again. */
export const reportFailed = (actorId: string, result: FilingResult): ActorMessage[] =>
  send({ type: 'FAILED', who: actorId, problem: result.outcome === 'failed' ? result.problem : 'unavailable' });

/** The filing is in doubt. It does not wait for a turn, because its ticket may exist already. */
export const reportStillInDoubt: ActorMessage[] = send({ type: 'FAILED', who: null, problem: 'unavailable' });

/** A doubt that was inherited from another run is no news about the help desk. */
export const reportInDoubt = (result: FilingResult): ActorMessage[] =>
  result.outcome === 'doubt' && result.inherited ? [] : reportStillInDoubt;

/** The filing of `actorId` still waits for its turn. */
export const reportStillWaiting = (actorId: string): ActorMessage[] =>
  send({ type: 'FAILED', who: actorId, problem: BREAKER_OPEN });

/** The filing of `actorId` needs no turn any more. */
export const leaveQueue = (actorId: string): ActorMessage[] => send({ type: 'LEFT', who: actorId });
