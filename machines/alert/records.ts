import type { FiledTicket, TicketText } from '../shared/protocol.ts';

/** What an alert keeps of tickets and filings besides the present ones. */

/** The episodes that the present one continues, each of which ended soon before the next one began. */
export interface Continuation {
  /** Number of the first of them. */
  from: number;
  /** The newest of their tickets; whether it is still open is read when this episode is filed. */
  ticket: FiledTicket | null;
  /** When the last of them ended. */
  endedAt: string;
}

/** A filing that the help desk rejected. It is a dead letter, which a person may replay. */
export interface DeadLetter {
  filingId: string;
  episode: number;
  /** After a replay the rejection no longer counts. */
  replayed: boolean;
  /** The subject and body that a person wrote for the replay. */
  words: TicketText | null;
}
