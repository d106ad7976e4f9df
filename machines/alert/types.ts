import type { Turn } from '../shared/helpdeskMessages.ts';
import type { PendingUpdate } from '../shared/pendingUpdates.ts';
import type {
  Adoption,
  AlertFacts,
  DmRequest,
  FiledTicket,
  Severity,
  SuppressionReason,
  TicketText,
  UmbrellaMember,
} from '../shared/protocol.ts';
import type { Continuation, DeadLetter } from './records.ts';

export interface AlertInput {
  /** Actor id, `alert:<alert_key>`. */
  id: string;
}

/** One emission of an active alert: facts only, no instants and no counters, so that a repeat equals the last one. */
export interface EmittedEvent extends AlertFacts {
  type: 'EMITTED';
  alertId: string;
  /** Recorded only: nobody is told, and there is no ticket. Its severity is P3. */
  quiet?: boolean;
  /** Why no ticket may be filed at this moment; null if one may. */
  held?: SuppressionReason | null;
  /** Keys of the alerts that explain this one, while a dependency suppresses it. Their tickets name it. */
  under?: string[];
  /** Sent instead of `held` by releases that had no other reason: whether the flag allows tickets. */
  auto?: boolean;
  flapMaxEpisodes: number;
  flapWindowMs: number;
  /** An episode that begins within this time after the last one ended continues its ticket. Left out: none does. */
  reopenWithinMs?: number;
  /** How long the ticket of a P1 may be unassigned until somebody else is told. Left out: for ever. */
  escalateAfterMs?: number;
  /** The sender itself found that it flaps: a surface counts its outages, each of which would have an id of its own. */
  flapping?: true;
  /** The sender had sent a newer one before: only its severity counts, if it is higher. */
  late?: true;
  /** It has news of an episode that is open, and opens none. */
  onlyIfActive?: true;
}

export interface ResolvedEvent {
  type: 'RESOLVED';
  alertId: string;
  reason: string | null;
  /** The alert cannot come back: a flapping one ends at once, too. */
  final?: true;
}

/** The suppression of the ticket was reviewed, without an emission. */
export interface HoldReviewedEvent {
  type: 'HOLD_REVIEWED';
  held: SuppressionReason | null;
  under: string[];
}

/** A ticket was found late for a filing that was closed without one. */
export interface FoundEvent extends Adoption {
  type: 'FOUND';
  /** Episode and severity of the filing when it began, and when it was closed. */
  episode: number;
  severity: Severity;
  closedAt: string;
}

/** How an episode ended. */
export interface Ending {
  at: string;
  reason: string | null;
}

export type AlertEvent =
  | EmittedEvent
  | ResolvedEvent
  /** The turn of this filing to try again. */
  | ({ type: 'TRY' } & Turn)
  /** The umbrella that this alert joined gets no ticket. `filingId` is the umbrella's filing. */
  | { type: 'UNLISTED'; reason: SuppressionReason | 'rejected'; filingId?: string | null }
  /** A person replays the dead letter of this filing, perhaps with a subject and body of their own. */
  | { type: 'REPLAYED'; filingId: string; words: TicketText | null }
  /** This alert explains another one, which gets no ticket meanwhile. */
  | { type: 'DEPENDENT'; member: UmbrellaMember; episode: number }
  | FoundEvent
  | HoldReviewedEvent
  /** A person ends the episode, because its resolution was lost. */
  | { type: 'RESOLVED_BY_HAND'; by: string; reason: string }
  /** The sender was silent, and a person closed the ticket: the next emission is a new episode. */
  | { type: 'EXPIRED'; reason: string }
  /** The reconciler found the alert active without a decision about its ticket. */
  | { type: 'RECONSIDER' }
  /** The sender uses a new id for each emission; these are some of them. */
  | { type: 'IDS_UNSTABLE'; alertIds: string[] }
  /** Raised by the region `life`: what an emission or a resolution meant. */
  | { type: 'OPENED'; at: string }
  | { type: 'ESCALATED'; at: string }
  | { type: 'RETITLED'; at: string }
  | { type: 'HOLD_CHANGED'; at: string }
  | { type: 'RESUMED'; at: string }
  | ({ type: 'ENDED' } & Ending);

/** The filing under way. It keeps the severity and the title with which it was begun. */
export interface Filing {
  filingId: string;
  episode: number;
  severity: Severity;
  title?: string;
  /** The present try is its last. */
  last?: boolean;
  /** Set when its episode has ended: nothing more is posted. `audited` are the reasons of that episode. */
  over: (Ending & Pick<AlertContext, 'audited'>) | null;
}

export interface AlertContext {
  alertKey: string;
  source: string;
  /** Number of the episode. Each episode has at most one ticket. */
  episode: number;
  /** Whether the episode is open. */
  active: boolean;
  /** When the episode began. */
  since: string;
  /** When the last episode ended; null while one is open. */
  endedAt?: string | null;
  /** Null if the present episode did not begin soon after another. */
  continues?: Continuation | null;
  /** When the last episodes began, newest last. Too many within the window is flapping. */
  starts: string[];
  flapping: boolean;
  flapWindowMs: number;
  /** How often a flapping surface came back to this episode since the last note about it, and when that note was. */
  returns?: { count: number; notedAt: string | null } | null;
  /** Full ids that are firing. More than one means that several alerts share this key. */
  ids: string[];
  /** The highest of this episode. */
  severity: Severity;
  /** That of the last emission, which may be lower. */
  latestSeverity?: Severity;
  /** When the title changed last, newest last. */
  retitled?: string[];
  title: string;
  details: string | null;
  url: string | null;
  surfaceId: string | null;
  surfaceName: string | null;
  labels?: Record<string, string> | null;
  /** Recorded only, until an emission says otherwise. */
  quiet?: boolean;
  /** Why no ticket may be filed now, by the last emission or the last refusal. */
  held: SuppressionReason | null;
  /** Keys of the alerts that explain this one, and of those that were asked in this episode to name it. */
  under: string[];
  namedOn: string[];
  /** Alerts that this one explains and its ticket does not name yet; and all so far, as key and episode. */
  dependents: UmbrellaMember[];
  dependentsSeen: string[];
  /** How many filings were begun. */
  filings: number;
  filing: Filing | null;
  letter?: DeadLetter;
  /** Whether the next attempt tries for all filings that wait for the help desk. */
  probe: boolean;
  /** The ticket of this episode, be it new or continued. */
  ticket: FiledTicket | null;
  /** The sender uses a new id for each emission; all of them count as this alert. */
  unstable: boolean;
  /** Why there is no ticket now, and the reasons that this episode has audited. */
  reason: string | null;
  audited: string[];
  /** How many messages and notes were queued; numbers their ids. */
  said: number;
  /** Whether a message about this episode was sent, or is being sent, and none since that it has ended. */
  told: boolean;
  /** How long its ticket may be unassigned while it is a P1; null: for ever. */
  escalateAfterMs?: number | null;
  /** The same at the beginning of the last watch over the ticket. */
  watchedForMs?: number | null;
  /** The last look at who is assigned: in which episode, and the message that somebody else gets, if any. */
  escalation?: { episode: number; message: DmRequest | null };
  /** Ticket updates to do and direct messages to send, next first. */
  chores: PendingUpdate[];
  dms: DmRequest[];
}
