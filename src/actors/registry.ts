import type { AnyStateMachine } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';

/** What the host knows of a machine: how to start one, and how to carry old snapshots forward. */
export interface MachineEntry {
  /** The part of an actor id before the first colon; an id without one is its own kind. */
  kind: string;
  machine: AnyStateMachine;
  /** Raised with every change that an older snapshot would not survive. */
  version: number;
  /** `migrations[v]` turns a snapshot of version v into one of version v + 1. Pure. */
  migrations: Record<number, (snapshot: PersistedSnapshot) => PersistedSnapshot>;
  /** Effects that a person waits for: run by web processes too, and ahead of others. */
  urgent: boolean;
  /**
   * Speaks for many actors: its effects go ahead of those that speak for one, and what it is told is gathered, so that
   * it hears many messages in one transaction.
   */
  ahead?: boolean;
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
