import { isDatabaseGone } from '../db/databaseGone.ts';
import type { SteadyClock } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import type { Filing, FilingStore } from './filingStore.ts';

/** Records the tickets of filings. Once a ticket's id is known, an absence of the database does not lose it. */
export interface TicketRecorder {
  /** Repeats until the ticket is recorded. Throws the error of the database only when the process has to stop. */
  record(filing: Filing, ticket: KnownTicket, adoptedAt: Date | null, signal: AbortSignal): Promise<Filing>;
  /** The filing with the ticket that this process knows of it, recorded by now; unchanged where it knows none. */
  recall(filing: Filing, signal: AbortSignal): Promise<Filing>;
}

interface KnownTicket {
  id: number;
  url: string;
}

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;

export function createTicketRecorder(deps: {
  store: Pick<FilingStore, 'recordTicket'>;
  time: SteadyClock;
  log: Log;
}): TicketRecorder {
  const { store, time, log } = deps;
  /** By filing, until it is recorded: a later run in this process needs no look-up. */
  const known = new Map<string, { ticket: KnownTicket; adoptedAt: Date | null }>();

  async function record(
    filing: Filing,
    ticket: KnownTicket,
    adoptedAt: Date | null,
    signal: AbortSignal,
  ): Promise<Filing> {
    known.set(filing.id, { ticket, adoptedAt });
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        await store.recordTicket(filing.id, ticket, adoptedAt);
        known.delete(filing.id);
        return { ...filing, ticketId: ticket.id, ticketUrl: ticket.url, adopted: adoptedAt !== null };
      } catch (error) {
        if (!isDatabaseGone(error) || signal.aborted) throw error;
        log.debug({ err: error, filing_id: filing.id, ticket_id: ticket.id }, 'ticket not recorded yet; will retry');
        await time.sleep(pauseMs, signal);
      }
    }
  }

  return {
    record,
    async recall(filing, signal) {
      const mine = filing.ticketId === null ? known.get(filing.id) : undefined;
      return mine ? record(filing, mine.ticket, mine.adoptedAt, signal) : filing;
    },
  };
}
