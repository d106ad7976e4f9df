import type { FilingResult } from '../../machines/shared/protocol.ts';
import type { Log } from '../log/log.ts';
import type { FilingClock } from './filingClock.ts';
import type { Filed } from './filingResult.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { type HelpDesk, TicketError } from './port.ts';

/** An attempt whose answer got lost: looked up by its marker, until so much time has passed that it cannot land any more. */

const FIRST_LOOK_AGAIN_MS = 2_000;
const LOOKS_S = [2, 5, 15, 60];

export interface DoubtDeps {
  store: FilingStore;
  desk: HelpDesk;
  inDoubtSeconds: number;
  filed: Filed['filed'];
  log: Log;
}

export function createDoubt({ store, desk, inDoubtSeconds, filed, log }: DoubtDeps) {
  return { doubted, look, isOver, nextLookMs };

  /** The answer got lost: looked up at once, and once more where there is time. */
  async function doubted(filing: Filing, error: unknown, clock: FilingClock): Promise<FilingResult> {
    log.debug({ err: error, filing_id: filing.id }, 'attempt in doubt');
    const found = (await lookUp(filing, clock)) ?? (await lookUpAgain(filing, clock));
    if (!found && clock.isStopping()) throw error;
    return found ?? { outcome: 'doubt' };
  }

  async function lookUpAgain(filing: Filing, clock: FilingClock): Promise<FilingResult | null> {
    if (clock.leftMs() < FIRST_LOOK_AGAIN_MS + 1_000 || clock.isStopping()) return null;
    await clock.pause(FIRST_LOOK_AGAIN_MS);
    return lookUp(filing, clock);
  }

  async function lookUp(filing: Filing, clock: FilingClock): Promise<FilingResult | null> {
    try {
      return await look(filing, clock);
    } catch (error) {
      if (!(error instanceof TicketError)) throw error;
      return null;
    }
  }

  /** By the marker in the subject, whatever has become of the ticket since; of twins the eldest counts. */
  async function look(filing: Filing, clock: FilingClock): Promise<FilingResult | null> {
    const [ticket] = await desk.findByMarker(filing.marker, filing.createdAt, clock.call());
    if (!ticket) return null;
    await store.recordTicket(filing.id, ticket, null);
    return filed({ ...filing, ticketId: ticket.id, ticketUrl: ticket.url }, true, clock);
  }

  function isOver({ sinceAttemptMs }: Filing): boolean {
    return (sinceAttemptMs ?? 0) >= inDoubtSeconds * 1000;
  }

  function nextLookMs({ sinceAttemptMs }: Filing): number {
    const now = sinceAttemptMs ?? 0;
    const times = [...LOOKS_S.filter((s) => s < inDoubtSeconds), inDoubtSeconds].map((s) => s * 1000);
    const next = times.find((ms) => ms > now + 100);
    return next === undefined ? 1_000 : next - now + 50;
  }
}
