import type { AnyMachineSnapshot } from 'xstate';

/** An entry of a long list that is not in the snapshot; `n` grows along the list. See longLists.ts. */
export interface ListRow {
  n: number;
  entry: unknown;
}

/** An actor within one transaction: its row is locked, or it has none yet. */
export interface LoadedActor {
  id: string;
  isNew: boolean;
  rev: number;
  /** When its row was created, as the text that the database writes; empty if it has none. */
  life: string;
  /** Reason for which the actor is parked; null for most. */
  parked: string | null;
  /** Version of its machine if only a newer release knows that version. */
  newer: number | null;
  /** Null if the actor is parked or of a newer release. */
  snapshot: AnyMachineSnapshot | null;
  /** Those from which the end of its long list was loaded, if it has one. */
  listRows?: readonly ListRow[];
  /** Whether its stored snapshot was of an older version of its machine. */
  migrated: boolean;
  /** Whether its row has to be written. */
  dirty: boolean;
}
