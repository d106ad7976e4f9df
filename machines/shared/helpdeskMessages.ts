import { HELPDESK_ACTOR } from './actorId.ts';
import type { ActorMessage, FilingResult } from './protocol.ts';

/**
 * The reports of an actor that files tickets to the circuit breaker (`helpdeskBreaker.ts`). Messages may overtake each
 * other, and a bug may lose one; the reminder compensates for that.
 */

/** The problem of a filing that made no call because the circuit breaker was open. */
export const BREAKER_OPEN = 'held';

/** Delay for `setup`: how long a filing waits, or stays in doubt, before it is reported again. */
export const helpdeskDelays = { reminder: 5 * 60_000 };

/** The turn of a filing to try again. */
export interface Turn {
  /** It tries for all filings that wait. */
  probe: boolean;
  /** Its ticket was refused again and again while others were filed: this is its last try. */
  last?: boolean;
}

const send = (event: ActorMessage['event']): ActorMessage[] => [{ to: HELPDESK_ACTOR, event }];

/**
 * A filing that succeeded although the breaker was open, or other tickets were refused, is news to the breaker. If it
 * ended with a ticket that was open already, it was only read.
 */
export function reportFiled(actorId: string, result: FilingResult): ActorMessage[] {
  if (result.outcome !== 'filed' || !result.whileFailing) return [];
  return send({ type: 'SUCCEEDED', by: actorId, ...(result.created ? {} : { read: true }) });
}

/**
 * The ticket was found after a doubt. Unlike `reportFiled` this is always reported: the failure reported at the start of
 * the doubt may be delivered late, and would otherwise be the last message.
 */
export const reportFound = (actorId: string): ActorMessage[] => send({ type: 'SUCCEEDED', by: actorId });

/** The filing failed, and `actorId` waits for a retry. */
export const reportFailed = (actorId: string, result: FilingResult): ActorMessage[] =>
  send({
    type: 'FAILED',
    who: actorId,
    problem: result.outcome === 'failed' ? result.problem : 'unavailable',
    ...(result.outcome === 'failed' && result.own ? { refused: actorId } : {}),
  });

/** The filing is in doubt. It does not wait for a retry because its ticket may exist already. */
export const reportStillInDoubt: ActorMessage[] = send({ type: 'FAILED', who: null, problem: 'unavailable' });

/** A doubt that was inherited from another run is no news about the help desk. */
export function reportInDoubt(actorId: string, result: FilingResult): ActorMessage[] {
  if (result.outcome !== 'doubt' || result.problem === undefined) return reportStillInDoubtUnless(result);
  const own = result.own ? { own: true } : {};
  return send({ type: 'FAILED', who: null, problem: result.problem, refused: actorId, ...own });
}

const reportStillInDoubtUnless = (result: FilingResult): ActorMessage[] =>
  result.outcome === 'doubt' && result.inherited ? [] : reportStillInDoubt;

/** The filing of `actorId` still waits for a retry. */
export const reportStillWaiting = (actorId: string): ActorMessage[] =>
  send({ type: 'FAILED', who: actorId, problem: BREAKER_OPEN });

/** The filing of `actorId` no longer waits for a retry. */
export const leaveQueue = (actorId: string): ActorMessage[] => send({ type: 'LEFT', who: actorId });

/** A filing that was to try for all was refused, which takes no call: another one may try at once. */
export const giveTurnBack = (actorId: string, probe: boolean, result: FilingResult): ActorMessage[] =>
  probe && result.outcome === 'refused' ? leaveQueue(actorId) : [];
