import type { PendingUpdate } from '../shared/pendingUpdates.ts';
import type { Adoption, FiledTicket, Severity } from '../shared/protocol.ts';

export type Status = 'UNKNOWN' | 'OPERATIONAL' | 'DEGRADED' | 'DOWN';
export type Outcome = 'up' | 'slow' | 'down';

export interface SurfaceInput {
  /** Actor id, `surface:<surface_id>`. */
  id: string;
}

/** How the settings of a surface judge its checks. */
export interface Policy {
  failuresToOpen: number;
  successesToClose: number;
  /** Null if a status raises no alert. */
  severity: { degraded: Severity | null; down: Severity | null };
  /** This many outages that begin within the window are flapping. Releases before 0.2 do not send it. */
  flap?: { maxOutages: number; windowMs: number };
  /** An outage that begins within this time after the last one belongs to its alert. Left out: none does. */
  reopenWithinMs?: number;
  /** Of this many checks half may fail before the surface is unstable; 0 if it is never. */
  unstableWindow?: number;
  /** How long checks that are answered with Retry-After count as slow. */
  overloadGraceMs?: number;
}

/** A certificate that a check met. `soon`: it expires within the days that the settings ask for. */
export interface Certificate {
  expiresAt: string;
  soon: boolean;
}

/** The last outages that raised an alert. */
export interface Outages {
  /** When they began, newest last, no more than the flapping limit. */
  starts: string[];
  /** `confirmedAt` of the last one, and when it or its alert ended; null while both last. */
  identity: string | null;
  endedAt: string | null;
}

export type CheckedEvent = {
  type: 'CHECKED';
  outcome: Outcome;
  error: string | null;
  name: string;
  /** The surface asked to come back later: 429 or 503 with Retry-After. */
  overloaded?: true;
  /** Left out if the check shows nothing about it; null if the surface has none, because it answered without TLS. */
  certificate?: Certificate | null;
} & Policy;

/** A ticket was found late for a round that was closed without one. */
export interface FoundEvent extends Adoption {
  type: 'FOUND';
  /** Of the round, when it began. */
  status: Status;
  since: string | null;
  by: string;
}

export type SurfaceEvent =
  | CheckedEvent
  /** The surface is no longer in the surfaces file. */
  | { type: 'REMOVED' }
  | { type: 'INVESTIGATE'; clickId: string; by: string }
  /** The answer to a click is due. `attempted`: a request went out. None goes out after the deadline. */
  | { type: 'BUDGET_OVER'; clickId: string; attempted: boolean }
  | FoundEvent
  | { type: 'MAINTENANCE_SET'; until: string; reason: string; by: string }
  | { type: 'MAINTENANCE_ENDED'; by: string }
  /** Raised by the region `health`: a check was counted, and the status is settled. */
  | { type: 'COUNTED'; at: string };

/** A click that waits for its answer. */
export interface Click {
  clickId: string;
  by: string;
  /** The status that the operator saw, and since when. The status is part of the key. */
  status: Status;
  since: string | null;
  at: string;
}

/** One filing for all clicks at one status. `by` is the person who clicked first. */
export interface Round {
  filingId: string;
  status: Status;
  since: string | null;
  by: string;
  /** Nothing is posted after this instant: the budget of the first click. */
  deadlineAt: string;
  /** All its clicks were refused. Later clicks get its ticket, but not its failure. */
  forsaken?: true;
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
  /**
   * When the present outage was confirmed. If it continues the alert of an earlier outage: when that one was confirmed.
   * Together with the surface's id it identifies the alert.
   */
  confirmedAt: string | null;
  outages?: Outages;
  /** Marks of the last checks, see instability.ts. */
  recent?: string;
  /** In the present outage checks fail in turn, never enough of them in a row. */
  unstable?: boolean;
  /** Checks that were answered with Retry-After, less those that were not, see overloadCount.ts. */
  overloads?: number;
  /** When the overload began. */
  overloadedSince?: string | null;
  /** Checks that are answered with Retry-After count as failed by now. */
  overloadedTooLong?: boolean;
  /** The last certificate that a check met, and the one for which an alert was emitted. */
  certificate?: Certificate | null;
  certificateAlerting?: Certificate | null;
  /** When those expire whose alerts ended last, newest last. */
  certificatesEnded?: string[];
  /** Checks since the last maintenance ended, counted no further than they matter; left out if there was none. */
  checksInService?: number;
  error: string | null;
  /** The severity last emitted for this outage; null before the first emission and after the resolution. */
  alerting: Severity | null;
  /** The window that ends last; null without maintenance. */
  maintenance: Maintenance | null;
  /** All windows, while there are several: that of the surfaces file, and of each operator one; of these the last is `operator`. */
  windows?: { file: Maintenance | null; operator: Maintenance | null; others?: Maintenance[] } | null;
  /** End of the file's window that a person ended early; null once the file has another one. */
  dismissed?: string | null;
  clicks: Click[];
  round: Round | null;
  /** How many filings were begun. */
  filings: number;
  /** Tickets of clicks that may still be open. Each recovery adds a note to them. */
  tickets: FiledTicket[];
  /** How many notes were queued; numbers their ids. */
  said: number;
  /** Ticket updates to do, next first. */
  chores: PendingUpdate[];
}
