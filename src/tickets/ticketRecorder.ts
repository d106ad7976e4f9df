import { createKeptUntilStored } from '../db/keptUntilStored.ts';
import type { SteadyClock } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import type { Filing, FilingStore } from './filingStore.ts';

/** Records the tickets of filings. Once a ticket's id is known, an absence of the database does not lose it. */
export interface TicketRecorder {
  /** Repeats until the ticket is recorded. Throws the error of the database only when the process has to stop. */
  record(filing: Filing, ticket: KnownTicket, signal: AbortSignal): Promise<Filing>;
  /** The filing with the ticket that this process knows of it, recorded by now; unchanged if it knows none. */
  recall(filing: Filing, signal: AbortSignal): Promise<Filing>;
}

interface KnownTicket {
  id: number;
  url: string;
}

export function createTicketRecorder(deps: {
  store: Pick<FilingStore, 'recordTicket'>;
  time: SteadyClock;
  log: Log;
}): TicketRecorder {
  const { store, time, log } = deps;
  const known = createKeptUntilStored<KnownTicket>({
    write: store.recordTicket,
    onFailure: (err, filing_id, ticket) =>
      log.debug({ err, filing_id, ticket_id: ticket.id }, 'ticket not recorded yet; will retry'),
    time,
  });

  async function record(filing: Filing, ticket: KnownTicket, signal: AbortSignal): Promise<Filing> {
    await known.store(filing.id, ticket, signal);
    return { ...filing, ticketId: ticket.id, ticketUrl: ticket.url };
  }

  return {
    record,
    async recall(filing, signal) {
      const mine = filing.ticketId === null ? known.kept(filing.id) : undefined;
      return mine ? record(filing, mine, signal) : filing;
    },
  };
}
