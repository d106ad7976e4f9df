/**
 * The interface between machines and their host: the parameters of the actions that the host executes in the same
 * transaction as the transition, and the inputs and results of effects. All of it is plain data.
 */

export type Severity = 'P1' | 'P2' | 'P3';

/** One row of the audit log. `actor` is the person or the component that caused it. */
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
  /** Nothing may be posted after this instant; null when there is no deadline. */
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

/** A subject and body that a person wrote instead of the composed ones; plain text, without the marker. */
export interface TicketText {
  subject: string;
  body: string;
}

export interface AlertRequest {
  path: 'alert';
  words?: TicketText;
  alertKey: string;
  source: string;
  severity: Severity;
  title: string;
  details: string | null;
  url: string | null;
  surfaceId: string | null;
  surfaceName: string | null;
  labels?: Record<string, string>;
  since: string;
  /** No new ticket is filed while this one is open: the episode continues it. */
  continues?: FiledTicket;
}

export interface UmbrellaRequest {
  path: 'umbrella';
  words?: TicketText;
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

/** Whether an alert is listed on the umbrella ticket of this filing; the latest entry counts. */
export interface Membership {
  filingId: string;
  alertKey: string;
  isOn: boolean;
}

/** A ticket that was found later for a filing that was closed without one; it becomes the ticket of that filing. */
export interface Adoption {
  filingId: string;
  ticket: FiledTicket;
  /** When FreeScout created it. */
  filedAt: string;
}

/** A message to another actor, delivered once, after the transaction that sends it. */
export interface ActorMessage {
  to: string;
  event: { type: string } & Record<string, unknown>;
}

/** The response to a click on Investigate. */
export interface ClickAnswer {
  clickId: string;
  body: Record<string, unknown>;
}

/**
 * An emission of a surface about its outage or its certificate. The alert's id is derived from the surface and
 * `confirmedAt`: the instant of an outage, or `certificate` and the instant of its expiry.
 */
export interface SurfaceEmission {
  surfaceId: string;
  surfaceName: string;
  confirmedAt: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  title: string;
  details: string | null;
  /** Why it resolved, when the reason is not a recovery. */
  reason: string | null;
  /** It resolved for good, because the surface is not watched any more: a flapping one ends at once, too. */
  final?: true;
  /** Set while the surface or its certificate is flapping: how long it must stay well before the alert ends. */
  flapHoldMs?: number;
  /** How soon after the last one an episode continues its ticket; left out where none does. */
  reopenWithinMs?: number;
}

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
  | { what: 'severity'; alertKey: string; severity: Severity; title: string; at: string }
  | { what: 'members'; source: string; count: number; members: UmbrellaMember[]; at: string }
  | { what: 'dependents'; members: UmbrellaMember[]; at: string }
  | { what: 'unstable'; title: string; alertIds: string[]; at: string }
  | { what: 'calm'; source: string; count: number; since: string; at: string };

export type TicketUpdateResult = { outcome: 'done' } | { outcome: 'dropped'; reason: string };

/** One message in Slack; messages of one episode have the same `thread`. */
export interface DmRequest {
  id: string;
  thread: string;
  kind:
    | 'opened'
    | 'escalated'
    | 'ticket'
    | 'continued'
    | 'resolved'
    | 'flapping'
    | 'unassigned'
    | 'grouped'
    | 'desk_failing'
    | 'desk_back'
    | 'letters_overdue';
  source: string | null;
  body: Record<string, unknown>;
  /**
   * The Slack id of a channel or person, or null for the person in SLACK_DM_USER_ID. Left out: the rules for
   * notifications decide.
   */
  to?: string | null;
}

/** `grouped`: not sent because its source sends too many; the umbrella lists the alert in one message with others. */
export type DmResult = { outcome: 'sent' } | { outcome: 'grouped' } | { outcome: 'skipped' };

export interface FiledTicket {
  id: number;
  url: string;
}

/** The result of one run of the filing protocol. */
export type FilingResult =
  /** `created` is false when an open ticket existed already; `whileFailing` is true when the circuit breaker was open. */
  | { outcome: 'filed'; ticket: FiledTicket; created: boolean; tagged: boolean; whileFailing: boolean }
  /** Deliberately not posted; nothing is in doubt. */
  | { outcome: 'refused'; reason: RefusalReason }
  /**
   * Could not post; nothing is in doubt. `own` where the help desk had this very ticket and did not file it, which may be
   * the fault of either.
   */
  | { outcome: 'failed'; problem: string; own: boolean }
  /**
   * Posted perhaps: to be settled before anything is posted again. `inherited` where another run posted it, which says
   * nothing about the help desk: that run may have been cut off with its process. `problem` is what this run met.
   */
  | { outcome: 'doubt'; inherited?: true; problem?: string };

/** What a read of the help desk showed. */
export interface HelpdeskCheck {
  works: boolean;
}

/** Whether somebody is assigned to a ticket. Of a ticket that is not open any more it does not matter. */
export interface AssignmentResult {
  assignment: 'assigned' | 'unassigned' | 'not_open';
}

export type RefusalReason = SuppressionReason | 'storm' | 'silent' | 'unstable_id' | 'withdrawn';

/** Why the ticket of an alert is suppressed at the moment; it is filed once the reason has ended. */
export type SuppressionReason = 'flag_off' | 'offline' | 'maintenance' | 'dependency' | 'shadow' | 'silenced';
export const SUPPRESSION_REASONS: readonly string[] = [
  'flag_off',
  'offline',
  'maintenance',
  'dependency',
  'shadow',
  'silenced',
] satisfies SuppressionReason[];

/** The start or the end of the suppression of an episode; the latest entry counts. */
export interface Suppression {
  alertKey: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surfaceId: string | null;
  /** When the episode began. */
  since: string;
  /** Null once the suppression has ended; `over` then contains how. */
  reason: SuppressionReason | null;
  over: 'released' | 'ended' | null;
}

/** The instant at which the host accepted an event, by the database's clock. ISO 8601, UTC. */
export const instantOf = (event: object): string => ('at' in event && typeof event.at === 'string' ? event.at : '');
