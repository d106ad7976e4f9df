import type {
  Adoption,
  DmRequest,
  FiledTicket,
  Severity,
  SuppressionReason,
  TicketUpdate,
  UmbrellaMember,
  Words,
} from '../shared/protocol.ts';

export interface AlertInput {
  /** Actor id, `alert:<alert_key>`. */
  id: string;
}

/** One emission that says the alert is active. Facts only: the instant and counters stay out, so that a repeat equals the last. */
export interface EmittedEvent {
  type: 'EMITTED';
  alertId: string;
  severity: Severity;
  title: string;
  details: string | null;
  url: string | null;
  surfaceId: string | null;
  surfaceName: string | null;
  /** Why no ticket may be filed at this moment; null where one may. */
  held?: SuppressionReason | null;
  /** Keys of the alerts on whose tickets this one is named while a dependency holds it. */
  under?: string[];
  /** What releases before `held` say instead of it: whether the flag lets tickets be filed. */
  auto?: boolean;
  flapMaxEpisodes: number;
  flapWindowMs: number;
}

/** The filing under way: what it was asked for, whatever the alert has become since. */
export interface Filing {
  filingId: string;
  episode: number;
  severity: Severity;
  /** Set once its episode ended without waiting for it: nothing is posted any more, only looked for. */
  over: (Ending & Pick<AlertContext, 'audited'>) | null;
}

/** The filing that the help desk refused for good, kept as a dead letter that a person may send again. */
export interface Letter {
  filingId: string;
  episode: number;
  /** A person did: what was decided about it before no longer holds. */
  replayed: boolean;
  words: Words | null;
}

export interface Ending {
  at: string;
  reason: string | null;
}

export interface AlertContext {
  alertKey: string;
  source: string;
  /** Which of its lives this is; each episode has at most one ticket. */
  episode: number;
  active: boolean;
  since: string;
  /** When the last episodes began, newest last; more than enough of them in the window is flapping. */
  starts: string[];
  flapping: boolean;
  flapWindowMs: number;
  /** Full ids that are firing; more than one means that two alerts share this key. */
  ids: string[];
  /** The worst of this episode. */
  severity: Severity;
  title: string;
  details: string | null;
  url: string | null;
  surfaceId: string | null;
  surfaceName: string | null;
  /** Why no ticket may be filed now, as the last emission or the last refusal had it. */
  held: SuppressionReason | null;
  /** The outages that hold it, by their alerts' keys, and those that have been told so in this episode. */
  under: string[];
  namedOn: string[];
  /** Alerts that this outage holds: those that its ticket still has to name, and every one so far as key and episode. */
  dependents: UmbrellaMember[];
  dependentsSeen: string[];
  filings: number;
  filing: Filing | null;
  letter?: Letter;
  probe: boolean;
  ticket: FiledTicket | null;
  /** Its sender gives it a new id each time; all of them are taken for this one. */
  unstable: boolean;
  /** Why there is no ticket now; reasons already audited in this episode. */
  reason: string | null;
  audited: string[];
  said: number;
  chores: TicketUpdate[];
  dms: DmRequest[];
}

/** The ticket of a filing that was closed without one stands after all. */
export interface FoundEvent extends Adoption {
  type: 'FOUND';
  /** Of the filing, as it was when it was asked for and when it was closed. */
  episode: number;
  severity: Severity;
  closedAt: string;
}

export type AlertEvent =
  | EmittedEvent
  | { type: 'RESOLVED'; alertId: string; reason: string | null }
  /** The help desk's turn: `probe` where this one filing finds out for all. */
  | { type: 'TRY'; probe: boolean }
  /** The umbrella that this alert joined comes to nothing. */
  | { type: 'UNLISTED'; reason: SuppressionReason | 'rejected'; filingId?: string | null }
  /** A person sends the dead letter of this filing again, perhaps in words of their own. */
  | { type: 'REPLAYED'; filingId: string; words: Words | null }
  /** An alert that this outage explains gets no ticket of its own meanwhile. */
  | { type: 'DEPENDENT'; member: UmbrellaMember; episode: number }
  | FoundEvent
  /** The episode goes on, and nothing was decided about its ticket. */
  | { type: 'RECONSIDER' }
  /** Its sender gives it a new id each time, as these show. */
  | { type: 'IDS_UNSTABLE'; alertIds: string[] }
  /** Raised by the machine itself: what an emission meant. */
  | { type: 'OPENED'; at: string }
  | { type: 'ESCALATED'; at: string }
  | { type: 'HOLD_CHANGED'; at: string }
  | { type: 'RESUMED'; at: string }
  | ({ type: 'ENDED' } & Ending);
