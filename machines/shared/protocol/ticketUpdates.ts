import type { AlertFacts } from './alertFacts.ts';
import type { UmbrellaMember } from './filingRequests.ts';
import type { Severity } from './severity.ts';

/** Updates of existing tickets, and their results. */

/**
 * An update of an existing ticket, retried until it succeeds. `waitedMs`: how long it was tried before it gave way to
 * other updates of its actor; absent at first.
 */
export type TicketUpdate =
  | { kind: 'tag'; id: string; filingId: string; ticketId: number; waitedMs?: number }
  | { kind: 'note'; id: string; ticketId: number; about: NoteAbout; waitedMs?: number };

/** `times`: how many notes of this kind were merged into this one; absent for one. */
export type NoteAbout =
  | { what: 'recovered'; name: string; since: string | null; at: string; times?: number }
  | { what: 'resolved'; alertKey: string; title: string; at: string; reason: string | null; times?: number }
  | {
      what: 'continued';
      alertKey: string;
      title: string;
      severity: Severity;
      /** When this episode began, and the one before it ended; '' where the latter is not known any more. */
      since: string;
      endedAt: string;
    }
  | { what: 'flapping'; alertKey: string; title: string; times: number; holdMs: number; at: string }
  | {
      what: 'severity';
      alertKey: string;
      severity: Severity;
      title: string;
      at: string;
      /** If other facts than these two have changed since the ticket was written; an older release leaves them out. */
      facts?: Pick<AlertFacts, 'details' | 'url' | 'surfaceId' | 'surfaceName'>;
    }
  /** `worse`: members that are more severe now than the ticket says; an older release leaves them out. */
  | { what: 'members'; source: string; count: number; members: UmbrellaMember[]; worse?: UmbrellaMember[]; at: string }
  | { what: 'dependents'; members: UmbrellaMember[]; at: string }
  | { what: 'unstable'; title: string; alertIds: string[]; at: string }
  | { what: 'calm'; source: string; count: number; since: string; at: string };

export type TicketUpdateResult = { outcome: 'done' } | { outcome: 'dropped'; reason: string };
