import type { HistoryEntry } from './actors.ts';
import type { AlertRow } from './alerts.ts';
import type { FiledTicket, TicketState } from './tickets.ts';

/** What is watched, as the grid and the pages of surfaces show it. */

export type SurfaceStatus = 'OPERATIONAL' | 'DEGRADED' | 'DOWN' | 'MAINTENANCE' | 'UNKNOWN';

export interface Tile {
  id: string;
  name: string;
  group: string | null;
  status: SurfaceStatus;
  /** When the present status began; null while it was never checked. */
  since: string | null;
  /** What an UNKNOWN surface was when it was last known; null for every other, and where it never was. */
  was: SurfaceStatus | null;
  /** The newest open one, whoever filed it; that of an umbrella as long as an alert of this surface that it names goes on. */
  ticket: TicketState | null;
  /** Operational again, but a ticket filed by Investigate is still open. */
  recovered_ticket_open: boolean;
  /** That ticket, the newest where there are several. */
  recovered_ticket: TicketState | null;
  last_check: { at: string; latency_ms: number | null; error: string | null } | null;
  /** Latencies of the last checks, 30 at most, in milliseconds, oldest first; null where no answer came. */
  recent: (number | null)[];
  days: Days;
}

export interface Days {
  /**
   * One letter for each of the last 90 days (UTC), oldest first, today last: `d` down, `s` degraded (slow), `o` operational,
   * `m` maintenance, `-` nothing known. The worst of the day counts.
   */
  letters: string;
  /** Share of the checks, in percent, at which it did not stand as down; null where nothing is known. */
  uptime: number | null;
  /** How many of the days anything is known of. */
  known: number;
}

export interface StatusGrid {
  surfaces: Tile[];
  counts: Record<SurfaceStatus, number>;
  recovered_with_open_ticket: number;
  generated_at: string;
}

/** From the confirmation of an outage to that of its end. */
export interface Outage {
  /** Null where it began before the history that is kept. */
  began_at: string | null;
  /** Null while it lasts. */
  ended_at: string | null;
  worst: 'DEGRADED' | 'DOWN';
}

export interface SurfaceStory extends Tile {
  url: string;
  maintenance: { until: string; reason: string; by: string } | null;
  tickets: FiledTicket[];
  alerts: AlertRow[];
  /** The newest first. */
  outages: Outage[];
  /** How it stood at its checks of each day (UTC), the newest first. */
  day_counts: { day: string; operational: number; degraded: number; down: number; maintenance: number }[];
  checks: {
    at: string;
    outcome: string;
    latency_ms: number | null;
    http_status: number | null;
    error: string | null;
  }[];
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

/** What changed on the grid; `all` where nothing can be named, or so much that naming it is no help. */
export interface StatusGridChange {
  ids: string[];
  all: boolean;
  /** The instant of the look that saw it. */
  as_of: string;
}
