import type { ActorMessage, FilingResult } from './protocol.ts';

/** What those who file tell the help desk's actor about how it went. */

/** Stands for "nobody asked the help desk, because it is held to be down". */
export const HELD = 'held';

const tell = (event: ActorMessage['event']): ActorMessage[] => [{ to: 'helpdesk', event }];

/** A filing that got through while the help desk was held to be down ends that belief at once. */
export const works = (result: FilingResult): ActorMessage[] =>
  result.outcome === 'filed' && result.whileFailing ? tell({ type: 'SUCCEEDED' }) : [];

/** `who` waits for its turn. */
export const fails = (who: string, result: FilingResult): ActorMessage[] =>
  tell({ type: 'FAILED', who, problem: result.outcome === 'failed' ? result.problem : 'unavailable' });

/** It failed, and this filing cannot be the one that tries again: it may stand already. */
export const doubted: ActorMessage[] = tell({ type: 'FAILED', who: null, problem: 'unavailable' });

export const inDoubt = (result: FilingResult): ActorMessage[] =>
  result.outcome === 'doubt' && result.inherited ? [] : doubted;

/**
 * Whoever said that it fails says that it works, whatever the fleet believed when the ticket was found: the word that it
 * fails may have been on its way still, and would be the last one.
 */
export const worksAfterAll: ActorMessage[] = tell({ type: 'SUCCEEDED' });

/** Messages may be lost in an accident or overtake each other, so whoever waits long says so again. */
export const stillWaits = (who: string): ActorMessage[] => tell({ type: 'FAILED', who, problem: HELD });

export const left = (who: string): ActorMessage[] => tell({ type: 'LEFT', who });
