import type { FilingResult, RefusalReason } from '../../machines/shared/protocol.ts';
import { tagsOf } from './compose.ts';
import type { FilingClock } from './filingClock.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { type HelpDesk, TicketError } from './port.ts';

/** What a filing answers, and the tags without which no ticket counts as done. */

/** Another run posted it, perhaps. */
export const INHERITED: FilingResult = { outcome: 'doubt', inherited: true };
export const refused = (reason: RefusalReason): FilingResult => ({ outcome: 'refused', reason });
export const failed = (problem: string, own: boolean): FilingResult => ({ outcome: 'failed', problem, own });

const TAG_TRIES = 3;
const TAG_PAUSE_MS = 1_500;

export interface Filed {
  /** The ticket stands: its tags are set as far as that goes now. */
  filed(filing: Filing, created: boolean, clock: FilingClock): Promise<FilingResult>;
  /** Tags a ticket that stands. Throws TicketError. */
  tag(filing: Filing, signal: AbortSignal): Promise<void>;
}

export function createFiled({
  store,
  desk,
  deskFails,
}: {
  store: FilingStore;
  desk: HelpDesk;
  deskFails: () => Promise<boolean>;
}): Filed {
  return { filed, tag };

  async function filed(filing: Filing, created: boolean, clock: FilingClock): Promise<FilingResult> {
    const id = filing.ticketId as number;
    const tagged = filing.phase === 'tagged' || (await tryTags(filing, id, clock));
    return {
      outcome: 'filed',
      ticket: { id, url: filing.ticketUrl ?? desk.url(id) },
      created,
      tagged,
      whileFailing: await deskFails(),
    };
  }

  async function tryTags(filing: Filing, ticketId: number, clock: FilingClock): Promise<boolean> {
    for (let n = 1; n <= TAG_TRIES; n++) {
      try {
        await desk.ensureTags(ticketId, tagsOf(filing.request), clock.call());
        await store.recordTagged(filing.id);
        return true;
      } catch (error) {
        if (!(error instanceof TicketError)) throw error;
        if (!error.retryable || n === TAG_TRIES || clock.isStopping()) return false;
        await clock.pause(TAG_PAUSE_MS);
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
