/** What happened at the borders of the program, for the invariants to look at. */
export interface Ledger {
  /** The last attempt of each filing, and whether anybody wanted its ticket in the moment it was committed. */
  begun: Map<string, { at: number; wanted: boolean }>;
  /** Each request for a ticket that left a process. */
  sends: { filingId: string; at: number; begunAt: number; wanted: boolean }[];
  clicks: Map<string, Click>;
  /** Each time the help desk's actor lets one filing try for all. */
  tries: number[];
  /** When something last was not as it should be: a call that failed, a process that died, the flag off. */
  troubledAt: number;
}

export interface Click {
  at: number;
  surfaceId: string;
  /** Whether the process that took it still is there to answer. */
  isAttended: () => boolean;
  /** The process was gone or asleep while the answer was due. */
  excused: boolean;
  answers: { at: number; body: Record<string, unknown> }[];
}

export const createLedger = (now: number): Ledger => ({
  begun: new Map(),
  sends: [],
  clicks: new Map(),
  tries: [],
  troubledAt: now,
});
