import type { Severity } from '../../machines/shared/protocol.ts';
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
  collision: boolean;
  episode: number;
  /** Its own ticket, or the umbrella ticket that it joined. */
  ticket: TicketState | null;
  /** Why there is no ticket: below_threshold, flag_off, offline, maintenance, dependency, storm, freescout_unavailable, silent, filing, resolved_before_filing. */
  no_ticket_reason: string | null;
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
  /** flag_off, offline, maintenance or dependency. */
  reason: string;
  state: 'active' | 'ended';
  held_at: string;
  ended_at: string | null;
}

export interface EmissionInput {
  alert_id: string;
  severity: Severity;
  status: 'firing' | 'resolved';
  title: string;
  details?: string | undefined;
  url?: string | undefined;
  surface_id?: string | undefined;
}

export interface EmissionAnswer {
  accepted: number;
  alerts: { alert_key: string; state: string; collision?: true }[];
}
