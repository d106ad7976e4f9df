import type { Adoption, FiledTicket, Severity, TicketUpdate } from '../shared/protocol.ts';

export type Status = 'UNKNOWN' | 'OPERATIONAL' | 'DEGRADED' | 'DOWN';
export type Outcome = 'up' | 'slow' | 'down';

export interface SurfaceInput {
  id: string;
}

export interface Click {
  clickId: string;
  by: string;
  /** What the surface was when the operator clicked, and since when; the status is part of the key. */
  status: Status;
  since: string | null;
  at: string;
}

/** The filing under way for the clicks of one status; `by` clicked first, and nothing is posted after that click's budget. */
export interface Round {
  filingId: string;
  status: Status;
  since: string | null;
  by: string;
  deadlineAt: string;
  /** Everybody who waited for it was refused. Who clicks now hears of its ticket, but not of its failure. */
  forsaken?: true;
}

export interface Policy {
  failuresToOpen: number;
  successesToClose: number;
  /** Null where a status raises no alert. */
  severity: { degraded: Severity | null; down: Severity | null };
}

export interface Maintenance {
  until: string;
  reason: string;
  by: string;
  setAt: string;
}

export interface SurfaceContext {
  surfaceId: string;
  name: string;
  policy: Policy;
  status: Status;
  /** When the present status was confirmed. */
  since: string | null;
  /** Consecutive results of one kind, counted no further than they matter. */
  streak: { outcome: Outcome; count: number };
  /** Consecutive results that were not up. */
  bad: number;
  /** When the present outage was confirmed; with the surface's id it is the alert's identity. */
  confirmedAt: string | null;
  error: string | null;
  /** The severity last emitted about this outage; null while nothing was, or it was resolved. */
  alerting: Severity | null;
  maintenance: Maintenance | null;
  clicks: Click[];
  round: Round | null;
  filings: number;
  /** Tickets filed by clicks that may still be open; they hear of each recovery. */
  tickets: FiledTicket[];
  said: number;
  chores: TicketUpdate[];
}

export type CheckedEvent = {
  type: 'CHECKED';
  outcome: Outcome;
  error: string | null;
  name: string;
} & Policy;

export interface FoundEvent extends Adoption {
  type: 'FOUND';
  /** Of the round, as it was when it was clicked for. */
  status: Status;
  since: string | null;
  by: string;
}

export type SurfaceEvent =
  | CheckedEvent
  | { type: 'REMOVED' }
  | { type: 'INVESTIGATE'; clickId: string; by: string }
  /** The answer is due. Whether a request went out is settled by now: none may after the deadline. */
  | { type: 'BUDGET_OVER'; clickId: string; attempted: boolean }
  /** The ticket of a click that was closed without one stands after all. */
  | FoundEvent
  | { type: 'MAINTENANCE_SET'; until: string; reason: string; by: string }
  | { type: 'MAINTENANCE_ENDED'; by: string }
  /** Raised by the machine itself once a check was counted and the status settled. */
  | { type: 'COUNTED' };
