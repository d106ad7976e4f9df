import type { HistoryEntry } from './actors.ts';
import type { AlertRow } from './alerts.ts';
import type { FiledTicket, TicketState } from './tickets.ts';

/** Surfaces as the grid and their own pages show them. */

export type SurfaceStatus = 'OPERATIONAL' | 'DEGRADED' | 'DOWN' | 'MAINTENANCE' | 'UNKNOWN';

export interface Tile {
  id: string;
  name: string;
  group: string | null;
  status: SurfaceStatus;
  /** When the present status began; null while the surface was never checked. */
  since: string | null;
  /** The last known status of an UNKNOWN surface; null for other surfaces, and if no status was ever known. */
  was: SurfaceStatus | null;
  /**
   * The newest open ticket of the present outage, or of another sender's alert that is active; from a click, an alert or
   * the umbrella of a storm.
   */
  ticket: TicketState | null;
  /** Why a surface that is down or degraded has no such ticket: as of an alert, or `closed`, `no_alert` or `undecided`. */
  no_ticket_reason: string | null;
  /** The other open tickets of the surface, newest first. */
  earlier_tickets: TicketState[];
  /** Operational again while tickets of what is over are still open: all of `earlier_tickets`. */
  recovered_ticket_open: boolean;
  /** The newest of them. */
  recovered_ticket: TicketState | null;
  maintenance: { until: string; reason: string; by: string } | null;
  last_check: { at: string; latency_ms: number | null; error: string | null } | null;
  /** Latencies of the last checks in milliseconds, oldest first, at most 30; null for a check without an answer. */
  recent: (number | null)[];
  days: Days;
}

export interface Days {
  /**
   * One letter for each of the last 90 days (UTC), oldest first, today last: `d` down, `s` degraded (slow), `o` operational,
   * `m` maintenance, `-` no checks. The worst status of the day counts.
   */
  letters: string;
  /** Percentage of checks at which the surface was not down; null without checks. */
  uptime: number | null;
  /** Number of days with checks. */
  known: number;
}

export interface StatusGrid {
  surfaces: Tile[];
  counts: Record<SurfaceStatus, number>;
  /** Open tickets of surfaces that are operational again; a ticket that several share counts once. */
  recovered_with_open_ticket: number;
  generated_at: string;
}

/** Latencies of the checks of an hour, six hours or a day: the shortest of them that holds all checks of the last day. */
export interface LatencyHistory {
  from: string;
  to: string;
  bucket_seconds: number;
  /** Buckets with checks, oldest first; at most 60. */
  points: {
    /** When the bucket begins. */
    at: string;
    /** In milliseconds; null if no check got an answer. */
    median_ms: number | null;
    max_ms: number | null;
    checks: number;
    unanswered: number;
  }[];
}

/** From the confirmation of the outage to the confirmation of the recovery. */
export interface Outage {
  /** Null if it began before the oldest history. */
  began_at: string | null;
  /** Null while it lasts. */
  ended_at: string | null;
  worst: 'DEGRADED' | 'DOWN';
  /** Numbers of the tickets that were filed, joined or reused for it, newest first. */
  tickets: number[];
}

export interface SurfaceStory extends Tile {
  url: string;
  /** When the certificate that the last check met expires; null if it met none. */
  certificate_expires_at: string | null;
  tickets: FiledTicket[];
  alerts: AlertRow[];
  /** Newest first. */
  outages: Outage[];
  /** Checks per status of each day (UTC), newest first. */
  day_counts: { day: string; operational: number; degraded: number; down: number; maintenance: number }[];
  checks: {
    at: string;
    outcome: string;
    latency_ms: number | null;
    http_status: number | null;
    error: string | null;
  }[];
  /** Null if there was no check in the last day. */
  latency: LatencyHistory | null;
  history: HistoryEntry[];
}

/** A ticket, or `degraded` with a reason and a sentence for the operator. */
export type InvestigateAnswer =
  | {
      surface_id: string;
      status: SurfaceStatus;
      ticket_id: number;
      ticket_url: string;
      idempotent: boolean;
      degraded: false;
    }
  | { surface_id: string; status: SurfaceStatus; degraded: true; reason: string; message: string };

/** A change of the grid: the ids of changed tiles, or `all` if the whole page has to be rendered again. */
export interface StatusGridChange {
  ids: string[];
  all: boolean;
  /** The instant at which the grid was read. */
  as_of: string;
}
