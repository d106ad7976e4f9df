import type { FilingResult } from '../../machines/shared/protocol.ts';
import type { Admission } from './admission.ts';
import { failed, refused } from './filingResult.ts';
import type { Filing, FilingStore } from './filingStore.ts';

/**
 * Decides many filings of alerts at once, as far as that takes no call to the help desk: those that may not be posted
 * now end here. Those that may be posted have their slot of the storm window by then; each is filed by a run of its own,
 * which asks for admission again right before its POST. Returns the results by filing.
 */
export type FilingDecision = (filingIds: readonly string[]) => Promise<Map<string, FilingResult>>;

export function createFilingDecision({
  store,
  admission,
}: {
  store: Pick<FilingStore, 'readMany' | 'closeMany'>;
  admission: Admission;
}): FilingDecision {
  return async (filingIds) => {
    const planned = (await store.readMany(filingIds)).filter(isDecidable);
    const verdicts = await admission(planned, { probe: false, posts: true });
    const results = new Map<string, FilingResult>();
    const toClose: Filing[] = [];
    planned.forEach((filing, n) => {
      const verdict = verdicts[n];
      if (!verdict || 'later' in verdict) return;
      if ('refused' in verdict) toClose.push(filing);
      results.set(filing.id, 'refused' in verdict ? refused(verdict.refused) : failed(verdict.failed, false));
    });
    const closed = await store.closeMany(toClose);
    // Another run began the attempt or closed the filing meanwhile; a run of its own finds out.
    for (const { id } of toClose) if (!closed.has(id)) results.delete(id);
    return results;
  };
}

/** If an earlier attempt or ticket exists, the help desk has to be asked first. */
const isDecidable = ({ phase, withdrawn, ticketId, request }: Filing): boolean =>
  phase === 'planned' && !withdrawn && ticketId === null && request.path === 'alert' && !request.continues;
