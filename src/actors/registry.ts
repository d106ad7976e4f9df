import type { AnyStateMachine } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';

/** A machine as the host needs it: how to create an actor, and how to migrate old snapshots. */
export interface MachineEntry {
  /** The part of an actor id before the first colon; an id without one is its own kind. */
  kind: string;
  machine: AnyStateMachine;
  /** Raised with every change after which an older snapshot could not be restored. */
  version: number;
  /** `migrations[v]` turns a snapshot of version v into one of version v + 1. Pure. */
  migrations: Record<number, (snapshot: PersistedSnapshot) => PersistedSnapshot>;
  /** Names of effects that a person waits for: run by web processes too, and ahead of others. */
  urgent: readonly string[];
  /**
   * Names of effects whose call is to leave first. Others that begin with them in the process of their commit wait a few
   * milliseconds, so that they do not compete for its processor.
   */
  leading?: readonly string[];
  /**
   * Represents many actors: its effects run before those of a single one, and messages to it go through its inbox, so
   * that it receives many in one transaction.
   */
  ahead?: boolean;
  /**
   * The list of its context that may become long, and how many entries of it the snapshot has at most; see longLists.ts.
   * To add it raises the version: an older process would not read the rows.
   */
  longList?: { field: string; inSnapshot: number };
}

/** A snapshot as XState persists it: plain JSON. */
export interface PersistedSnapshot {
  status: string;
  value: unknown;
  context: Record<string, unknown>;
  children: Record<string, unknown>;
  historyValue?: unknown;
  [more: string]: unknown;
}

export interface Registry {
  of(actorId: string): MachineEntry;
  all: readonly MachineEntry[];
}

export function createRegistry(entries: readonly MachineEntry[]): Registry {
  const byKind = new Map(entries.map((entry) => [entry.kind, entry]));
  return {
    all: entries,
    of(actorId) {
      const entry = byKind.get(kindOf(actorId));
      if (!entry) throw new Error(`no machine is registered for actor "${actorId}"`);
      return entry;
    },
  };
}
