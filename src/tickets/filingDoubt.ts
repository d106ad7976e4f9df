import type { FilingResult } from '../../machines/shared/protocol.ts';
import type { Log } from '../log/log.ts';
import * as times from './doubtTimes.ts';
import type { FilingBudget } from './filingBudget.ts';
import type { Finisher } from './filingResult.ts';
import type { Filing } from './filingStore.ts';
import { type HelpDesk, TicketError } from './port.ts';
import type { TicketRecorder } from './ticketRecorder.ts';

/** An attempt whose answer was lost: its ticket is looked up by the marker until the request cannot take effect any more. */
export interface Doubt {
  /** Looks the ticket up at once, and a second time if the budget allows it. */
  lookUpAfterLostAnswer(filing: Filing, error: unknown, budget: FilingBudget): Promise<FilingResult>;
  /** Null if no ticket carries the marker. Throws TicketError if the help desk cannot answer. */
  lookUp(filing: Filing, budget: FilingBudget): Promise<FilingResult | null>;
  /** Whether a request that was not found by now will not take effect any more. */
  isOver(filing: Filing): boolean;
  /** Milliseconds until the next look-up. */
  nextLookUpMs(filing: Filing): number;
}

const SECOND_LOOK_UP_MS = 2_000;

export function createDoubt({
  recorder,
  desk,
  inDoubtSeconds,
  finish,
  log,
}: {
  recorder: TicketRecorder;
  desk: HelpDesk;
  inDoubtSeconds: number;
  finish: Finisher['finish'];
  log: Log;
}): Doubt {
  return { lookUpAfterLostAnswer, lookUp, isOver, nextLookUpMs };

  async function lookUpAfterLostAnswer(filing: Filing, error: unknown, budget: FilingBudget): Promise<FilingResult> {
    log.debug({ err: error, filing_id: filing.id }, 'attempt in doubt');
    const found = (await tryLookUp(filing, budget)) ?? (await lookUpOnceMore(filing, budget));
    if (!found && budget.isStopping()) throw error;
    return found ?? { outcome: 'doubt' };
  }

  async function lookUpOnceMore(filing: Filing, budget: FilingBudget): Promise<FilingResult | null> {
    if (budget.leftMs() < SECOND_LOOK_UP_MS + 1_000 || budget.isStopping()) return null;
    await budget.pause(SECOND_LOOK_UP_MS);
    return tryLookUp(filing, budget);
  }

  async function tryLookUp(filing: Filing, budget: FilingBudget): Promise<FilingResult | null> {
    try {
      return await lookUp(filing, budget);
    } catch (error) {
      if (!(error instanceof TicketError)) throw error;
      return null;
    }
  }

  /** Finds the ticket in any state; of several with the same marker the oldest counts. */
  async function lookUp(filing: Filing, budget: FilingBudget): Promise<FilingResult | null> {
    const [ticket] = await desk.findByMarker(filing.marker, filing.createdAt, budget.nextCall());
    if (!ticket) return null;
    return finish(await recorder.record(filing, ticket, budget.signal), true, budget);
  }

  function isOver({ sinceAttemptMs }: Filing): boolean {
    return times.isDoubtOver(sinceAttemptMs, inDoubtSeconds);
  }

  function nextLookUpMs({ sinceAttemptMs }: Filing): number {
    return times.nextLookUpMs(sinceAttemptMs, inDoubtSeconds);
  }
}
