/** Actors as the Inspect pages show them. */

export interface ActorSummary {
  id: string;
  kind: string;
  version: number;
  rev: number;
  state: unknown;
  parked: string | null;
  updated_at: string;
}

export interface HistoryEntry {
  at: string;
  event: string;
  event_id: string | null;
  from: unknown;
  to: unknown;
  /** What happened, in full sentences. */
  summary: string;
}

export interface ActorDetail extends ActorSummary {
  machine: string;
  context: unknown;
  next_events: string[];
  timers: { id: string; event: string; due_at: string }[];
  effects: { id: string; src: string; status: string; attempts: number; created_at: string; error: unknown }[];
  history: HistoryEntry[];
  /** The statechart as SVG with the current states marked; generated, safe to embed. */
  chart_svg: string;
}

export interface Changed {
  actors: string[];
  flags: boolean;
  /** Ids of ended sessions; `all` when notifications may have been missed. */
  sessions: string[] | 'all';
}
