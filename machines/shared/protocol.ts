/**
 * What machines say to the world besides invoking effects: plain data, carried out in the same
 * transaction as the transition that says it. And what effects answer.
 */

export type Severity = 'P1' | 'P2' | 'P3';

/** One row of the audit log. `actor` is the person or part that made it happen. */
export interface AuditEntry {
  action: string;
  payload: Record<string, unknown>;
  actor: string;
}

/** The intent to file one ticket; only one intent may be open for a `subjectKey` at a time. */
export interface FilingIntent {
  filingId: string;
  subjectKey: string;
  source: string | null;
  /** Nothing may be posted after this instant; null where patience has no end. */
  deadlineAt: string | null;
  request: FilingRequest;
}

export type FilingRequest = InvestigateRequest | AlertRequest | UmbrellaRequest;

export interface InvestigateRequest {
  path: 'investigate';
  surfaceId: string;
  surfaceName: string;
  status: string;
  since: string | null;
  by: string;
}

/** What a person wrote in place of the composed subject and body; plain text, without the reference. */
export interface Words {
  subject: string;
  body: string;
}

export interface AlertRequest {
  path: 'alert';
  words?: Words;
  alertKey: string;
  source: string;
  severity: Severity;
  title: string;
  details: string | null;
  url: string | null;
  surfaceId: string | null;
  surfaceName: string | null;
  since: string;
}

export interface UmbrellaRequest {
  path: 'umbrella';
  words?: Words;
  source: string;
  since: string;
  count: number;
  members: UmbrellaMember[];
}

export interface UmbrellaMember {
  alertKey: string;
  severity: Severity;
  title: string;
}

/** An alert that is, or no longer is, on the umbrella ticket of this filing; the last word counts. */
export interface Membership {
  filingId: string;
  alertKey: string;
  isOn: boolean;
}

/** A ticket that turned up for a filing which was closed without one: it is that filing's ticket after all. */
export interface Adoption {
  filingId: string;
  ticket: FiledTicket;
  /** When the help desk made it. */
  filedAt: string;
}

/** A message to another actor, delivered once, after the transaction that says it. */
export interface ActorMessage {
  to: string;
  event: { type: string } & Record<string, unknown>;
}

/** What an Investigate click is told. */
export interface ClickAnswer {
  clickId: string;
  body: Record<string, unknown>;
}

/** What a surface says of its outage; the alert's identity is derived from surface and confirmation instant. */
export interface SurfaceEmission {
  surfaceId: string;
  surfaceName: string;
  confirmedAt: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  title: string;
  details: string | null;
  /** Why it resolved, where that is not a recovery. */
  reason: string | null;
}

/** A small lasting duty towards a ticket that stands: done in order, repeated until it holds. */
export type TicketUpdate =
  | { kind: 'tag'; id: string; filingId: string; ticketId: number }
  | { kind: 'note'; id: string; ticketId: number; about: NoteAbout };

export type NoteAbout =
  | { what: 'recovered'; name: string; since: string | null; at: string }
  | { what: 'resolved'; alertKey: string; title: string; at: string; reason: string | null }
  | { what: 'severity'; alertKey: string; severity: Severity; title: string; at: string }
  | { what: 'members'; source: string; count: number; members: UmbrellaMember[]; at: string }
  | { what: 'dependents'; members: UmbrellaMember[]; at: string }
  | { what: 'unstable'; title: string; alertIds: string[]; at: string }
  | { what: 'calm'; source: string; count: number; since: string; at: string };

export type TicketUpdateResult = { outcome: 'done' } | { outcome: 'dropped'; reason: string };

/** One direct message; `thread` groups what belongs to one episode. */
export interface DmRequest {
  id: string;
  thread: string;
  kind:
    | 'opened'
    | 'escalated'
    | 'ticket'
    | 'resolved'
    | 'flapping'
    | 'grouped'
    | 'desk_failing'
    | 'desk_back'
    | 'letters_overdue';
  source: string | null;
  body: Record<string, unknown>;
}

/** `grouped`: held back because its source sends too many; the umbrella names it in one message with the others. */
export type DmResult = { outcome: 'sent' } | { outcome: 'grouped' } | { outcome: 'skipped' };

export interface FiledTicket {
  id: number;
  url: string;
}

/** How far one run of the filing protocol came. */
export type FilingResult =
  /** `created` is false where an open ticket was there already; `whileFailing` where the help desk was held to be down. */
  | { outcome: 'filed'; ticket: FiledTicket; created: boolean; tagged: boolean; whileFailing: boolean }
  /** Decided not to post; nothing is in doubt. */
  | { outcome: 'refused'; reason: RefusalReason }
  /** Could not post; nothing is in doubt. `own` where the fault lies in this ticket, not in the help desk. */
  | { outcome: 'failed'; problem: string; own: boolean }
  /**
   * Posted perhaps: to be settled before anything is posted again. `inherited` where another run posted it, which says
   * nothing about the help desk: that run may have been cut off with its process.
   */
  | { outcome: 'doubt'; inherited?: true };

export type RefusalReason = SuppressionReason | 'storm' | 'silent' | 'unstable_id' | 'withdrawn';

/** Why no ticket may be filed for an alert at this moment, though it deserves one: it files once that is over. */
export type SuppressionReason = 'flag_off' | 'offline' | 'maintenance' | 'dependency';
export const SUPPRESSION_REASONS: readonly string[] = [
  'flag_off',
  'offline',
  'maintenance',
  'dependency',
] satisfies SuppressionReason[];

/** An alert that is held back, or is so no longer: by its episode, the last word counts. */
export interface Suppression {
  alertKey: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surfaceId: string | null;
  /** When the episode began. */
  since: string;
  /** Null once it is over, with how it ended. */
  reason: SuppressionReason | null;
  over: 'released' | 'ended' | null;
}

/** The instant at which the host took an event, by the database's clock. ISO 8601, UTC. */
export const instantOf = (event: object): string => ('at' in event && typeof event.at === 'string' ? event.at : '');
