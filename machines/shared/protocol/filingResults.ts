import type { SuppressionReason } from './suppression.ts';

/** What came of a filing, and what reads of the help desk showed. */

export interface FiledTicket {
  id: number;
  url: string;
}

/** The result of one run of the filing protocol. */
export type FilingResult =
  /**
   * `created` is false when an open ticket existed already; `whileFailing` is true when the circuit breaker was open.
   * `facts`: the other facts of an alert, as the ticket says them (`otherFactsOf`).
   */
  | { outcome: 'filed'; ticket: FiledTicket; created: boolean; tagged: boolean; whileFailing: boolean; facts?: string }
  /** Deliberately not posted; nothing is in doubt. */
  | { outcome: 'refused'; reason: RefusalReason }
  /**
   * Could not post; nothing is in doubt. `own` where the help desk had this very ticket and did not file it, which may be
   * the fault of either.
   */
  | { outcome: 'failed'; problem: string; own: boolean }
  /**
   * Posted perhaps: to be settled before anything is posted again. `inherited` where another run posted it, which says
   * nothing about the help desk: that run may have been cut off with its process. `problem` is what this run met;
   * `own` where it is the problem of an outage, and the ticket itself may be its cause all the same.
   */
  | { outcome: 'doubt'; inherited?: true; problem?: string; own?: true };

export type RefusalReason = SuppressionReason | 'storm' | 'silent' | 'unstable_id' | 'withdrawn';

/** A ticket that was found later for a filing that was closed without one; it becomes the ticket of that filing. */
export interface Adoption {
  filingId: string;
  ticket: FiledTicket;
  /** When FreeScout created it. */
  filedAt: string;
}

/** What a read of the help desk showed. */
export interface HelpdeskCheck {
  works: boolean;
}

/** Whether somebody is assigned to a ticket. Of a ticket that is not open any more it does not matter. */
export interface AssignmentResult {
  assignment: 'assigned' | 'unassigned' | 'not_open';
}
