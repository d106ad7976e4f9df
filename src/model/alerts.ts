import type { Severity } from '../../machines/shared/protocol.ts';
import type { HistoryEntry } from './actors.ts';
import type { SearchedPage } from './operations.ts';
import type { Silenced } from './silences.ts';
import type { TicketState } from './tickets.ts';

/** Alerts as senders post them and as the console shows them. */

export interface AlertRow {
  alert_key: string;
  source: string;
  state: 'firing' | 'flapping' | 'resolved';
  severity: Severity;
  title: string;
  surface_id: string | null;
  url: string | null;
  since: string;
  last_seen_at: string | null;
  /** When the sender fell silent; null while it repeats the alert in time. */
  silent_since: string | null;
  /** The silence that holds its ticket and messages back; null for an alert that has ended. */
  silenced: Silenced | null;
  collision: boolean;
  episode: number;
  /** Its own ticket, or the umbrella ticket that it joined. */
  ticket: TicketState | null;
  /** The ticket is that of an earlier episode, which this one continues. */
  ticket_continued?: true | undefined;
  /** Why there is no ticket: below_threshold, flag_off, offline, maintenance, dependency, shadow, silenced, storm, freescout_unavailable, silent, filing, resolved_before_filing. */
  no_ticket_reason: string | null;
}

/** One page of the list. A search has always looked at all active alerts. */
export interface AlertList extends SearchedPage<AlertRow> {
  /** How many alerts of each severity are active, whatever the filter. */
  active: Record<Severity, number>;
}

/** Alerts that deserve a ticket and are or were suppressed. */
export interface SuppressedAlerts {
  /** How many are suppressed now, and how many ended before a ticket was filed. */
  active: number;
  ended: number;
  /** Active suppressions first; at most one page. */
  rows: SuppressedAlert[];
}

export interface SuppressedAlert {
  alert_key: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surface_id: string | null;
  /** When the alert began. */
  since: string;
  /** silenced, flag_off, offline, maintenance, dependency or shadow. */
  reason: string;
  state: 'active' | 'ended';
  held_at: string;
  ended_at: string | null;
}

/** One alert as its sender means it, read and with its defaults. */
export interface EmissionInput {
  alert_id: string;
  severity: Severity;
  status: 'firing' | 'resolved';
  title: string;
  details?: string | undefined;
  url?: string | undefined;
  surface_id?: string | undefined;
  /** When the problem began and ended, and when the sender said this, by the sender's clock. ISO 8601, UTC. */
  starts_at?: string | undefined;
  ends_at?: string | undefined;
  at?: string | undefined;
  /** When the request was stored, by our clock; left out for one that is answered only after its alerts were taken. */
  arrived_at?: string | undefined;
  labels?: Record<string, string> | undefined;
  /** Recorded only: no ticket and no message. */
  quiet?: boolean | undefined;
  /** It has news of an alert that is active, and opens none. */
  only_if_active?: true | undefined;
}

export interface EmissionAnswer {
  accepted: number;
  /** One entry for each alert that was accepted, in their order. */
  alerts: EmissionState[];
  /** Alerts that cannot be used, by their position in the request. */
  rejected?: EmissionRemark[];
  /** What was altered or ignored. */
  warnings?: EmissionRemark[];
}

export interface EmissionState {
  alert_key: string;
  state: string;
  collision?: true;
  severity_assumed?: true;
  unknown_surface?: true;
  /** A resolution of an id that is not active. */
  unknown_id?: true;
  /** Ignored: by the times that the sender gave, it said something newer about this alert before. */
  out_of_order?: true;
}

/** About a field of one alert of a request; `index` null for a field of the request itself. */
export interface EmissionRemark {
  index: number | null;
  field: string;
  message: string;
}

/** One alert with everything that is known about it. Lists are newest first. */
export interface AlertStory extends AlertRow {
  surface_name: string | null;
  details: string | null;
  labels: Record<string, string>;
  /** When it was active, with the tickets that were filed, or joined, for it in that time. */
  periods: AlertPeriod[];
  messages: AlertMessage[];
  /** When somebody else is told, unless somebody is assigned to its ticket by then; null if nobody will be. */
  escalates_at: string | null;
  history: HistoryEntry[];
}

export interface AlertPeriod {
  /** Null if the stored history begins later. */
  began_at: string | null;
  ended_at: string | null;
  tickets: TicketState[];
}

export interface AlertMessage {
  /** opened, escalated, ticket, continued, resolved, flapping or unassigned. */
  kind: string;
  /** The Slack id of a channel or person; null: the person in SLACK_DM_USER_ID. */
  recipient: string | null;
  created_at: string;
  /** Null while it waits for Slack. */
  sent_at: string | null;
}
