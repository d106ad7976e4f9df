import { createEpisodeLog, type EpisodeLog } from './episodeLog.ts';

/** What was observed at the boundaries of the program, for the invariants. */
export interface Ledger {
  /** The last attempt of each filing. When it was committed: whether its ticket was wanted, and how long it had been suppressed. */
  begun: Map<string, { at: number; wanted: boolean; heldMs: number }>;
  /** Each request for a ticket that a process sent. */
  sends: { filingId: string; at: number; begunAt: number; wanted: boolean; heldMs: number }[];
  clicks: Map<string, Click>;
  /** When the circuit breaker allowed which filing to probe FreeScout. */
  probes: { at: number; to: string }[];
  /** When each actor was last given the turn to probe. */
  turns: Map<string, number>;
  episodes: EpisodeLog;
  /** When each filing was intended, and how many audit rows there were by then. */
  intents: Map<string, { at: number; actorId: string; audits: number }>;
  /** Alerts, with the number of the episode, whose rejected ticket a person asked for again. */
  replayed: Set<string>;
  /** The sender that changes its ids: whether all its emissions so far were taken at once and once, one in each cycle. */
  flood: { on: boolean; even: boolean; waiting: Set<number> };
  /** The last instant with a fault, an action of the schedule, or tickets suppressed. */
  lastTroubleAt: number;
}

export interface Click {
  at: number;
  surfaceId: string;
  /** Whether the process that accepted it is running. */
  isAttended: () => boolean;
  /** The process was not running when the answer was due. */
  excused: boolean;
  answers: { at: number; body: Record<string, unknown> }[];
}

export const createLedger = (now: number): Ledger => ({
  begun: new Map(),
  sends: [],
  clicks: new Map(),
  probes: [],
  turns: new Map(),
  episodes: createEpisodeLog(),
  intents: new Map(),
  replayed: new Set(),
  flood: { on: false, even: true, waiting: new Set() },
  lastTroubleAt: now,
});
