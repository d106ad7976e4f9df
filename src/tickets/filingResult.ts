import { otherFactsOf } from '../../machines/shared/otherFacts.ts';
import type { FilingResult, RefusalReason } from '../../machines/shared/protocol.ts';
import type { FilingBudget } from './filingBudget.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { type HelpDesk, TicketError } from './port.ts';
import { tagsOf } from './ticketTags.ts';

/** Results of a filing, and the tags that a created ticket still needs. */

/** Another run may have posted the ticket; this run does not know the answer that the other one got. */
export const IN_DOUBT_ELSEWHERE: FilingResult = { outcome: 'doubt', inherited: true };
export const refused = (reason: RefusalReason): FilingResult => ({ outcome: 'refused', reason });
export const failed = (problem: string, own: boolean): FilingResult => ({ outcome: 'failed', problem, own });

const TAG_TRIES = 3;
const TAG_PAUSE_MS = 1_500;

export interface Finisher {
  /** Sets the tags of a ticket that was created, as far as that is possible now, and returns outcome `filed`. */
  finish(filing: Filing, created: boolean, budget: FilingBudget): Promise<FilingResult>;
  /** Sets the tags of a ticket that was created. Throws TicketError. */
  tag(filing: Filing, signal: AbortSignal): Promise<void>;
}

export function createFinisher({
  store,
  desk,
  awaitsSuccess,
}: {
  store: FilingStore;
  desk: HelpDesk;
  awaitsSuccess: () => Promise<boolean>;
}): Finisher {
  return { finish, tag };

  async function finish(filing: Filing, created: boolean, budget: FilingBudget): Promise<FilingResult> {
    const id = filing.ticketId as number;
    const isRecorded = filing.phase === 'tagged';
    const tagged = isRecorded || (await tryTags(filing, id, budget));
    const [whileFailing] = await Promise.all([
      awaitsSuccess(),
      tagged && !isRecorded ? store.recordTagged(filing.id) : undefined,
    ]);
    const ticket = { id, url: filing.ticketUrl ?? desk.url(id) };
    return { outcome: 'filed', ticket, created, tagged, whileFailing, ...factsOf(filing) };
  }

  async function tryTags(filing: Filing, ticketId: number, budget: FilingBudget): Promise<boolean> {
    for (let n = 1; n <= TAG_TRIES; n++) {
      try {
        await desk.ensureTags(ticketId, tagsOf(filing.request), budget.nextCall());
        return true;
      } catch (error) {
        if (!(error instanceof TicketError)) throw error;
        if (!error.retryable || n === TAG_TRIES || budget.isStopping()) return false;
        await budget.pause(TAG_PAUSE_MS);
      }
    }
    return false;
  }

  async function tag(filing: Filing, signal: AbortSignal): Promise<void> {
    if (filing.ticketId === null)
      throw new TicketError('not_found', `filing ${filing.id} has no ticket`, { retryable: false });
    await desk.ensureTags(filing.ticketId, tagsOf(filing.request), { signal });
    await store.recordTagged(filing.id);
  }
}

const factsOf = ({ request }: Filing): { facts?: string } =>
  request.path === 'alert' ? { facts: otherFactsOf(request) } : {};
