import type { FilingResult, Tell } from './asks.ts';

/** What those who file tell the help desk's actor about how it went. */

/** Stands for "nobody asked the help desk, because it is held to be down". */
export const HELD = 'held';

const tell = (event: Tell['event']): Tell[] => [{ to: 'helpdesk', event }];

/** A filing that got through while the help desk was held to be down ends that belief at once. */
export const works = (result: FilingResult): Tell[] =>
  result.outcome === 'filed' && result.whileFailing ? tell({ type: 'SUCCEEDED' }) : [];

/** `who` waits for its turn. */
export const fails = (who: string, result: FilingResult): Tell[] =>
  tell({ type: 'FAILED', who, problem: result.outcome === 'failed' ? result.problem : 'unavailable' });

/** It failed, and this filing cannot be the one that tries again: it may stand already. */
export const doubted: Tell[] = tell({ type: 'FAILED', who: null, problem: 'unavailable' });

export const inDoubt = (result: FilingResult): Tell[] =>
  result.outcome === 'doubt' && result.inherited ? [] : doubted;

/**
 * Whoever said that it fails says that it works, whatever the fleet believed when the ticket was found: the word that it
 * fails may have been on its way still, and would be the last one.
 */
export const worksAfterAll: Tell[] = tell({ type: 'SUCCEEDED' });

/** Messages may be lost in an accident or overtake each other, so whoever waits long says so again. */
export const stillWaits = (who: string): Tell[] => tell({ type: 'FAILED', who, problem: HELD });

export const left = (who: string): Tell[] => tell({ type: 'LEFT', who });
