/** What happened in one week, and what to fix. */

export interface WeekReport {
  /** An ISO week: `2026-W31`. */
  week: string;
  from: string;
  to: string;
  previous: string;
  /** Null for the present week. */
  next: string | null;
  /** Alerts that began, or ended while they were silenced, and how many did in the week before. */
  alerts: SeverityCounts & { week_before: number };
  tickets: WeekTickets;
  /** From the beginning of an alert to its ticket. */
  time_to_ticket: Spread;
  /** From a ticket to the moment at which it was seen to be closed, of tickets that were closed in this week. */
  time_to_close: Spread;
  /** Alerts that deserved a ticket and got none, or none yet. */
  held_back: HeldBack[];
  /** The ten with the most alerts. */
  sources: NoisySource[];
  surfaces: NoisySurface[];
  /** What would help most, first. */
  fix_first: Advice[];
}

export interface SeverityCounts {
  alerts: number;
  P1: number;
  P2: number;
  P3: number;
}

export interface WeekTickets {
  filed: number;
  /** By what asked for them. */
  alert: number;
  umbrella: number;
  investigate: number;
  /** How many of them are open now. */
  still_open: number;
  /** More were filed than are counted here; these are the latest. */
  incomplete: boolean;
}

/** Seconds; null if nothing was measured. */
export interface Spread {
  count: number;
  median_seconds: number | null;
  p90_seconds: number | null;
}

export interface HeldBack {
  /** silenced, flag_off, offline, maintenance, dependency or shadow. */
  reason: string;
  /** Held back now. */
  active: number;
  /** Over before a ticket was filed. */
  ended: number;
}

export interface NoisySource extends SeverityCounts {
  source: string;
  tickets: number;
}

export interface NoisySurface extends SeverityCounts {
  surface_id: string;
  /** Null if it is no longer in the surfaces file. */
  name: string | null;
  tickets: number;
}

export interface Advice {
  what: string;
  why: string;
  /** A page of the console. */
  href: string;
}
