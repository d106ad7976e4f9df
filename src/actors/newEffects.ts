import type { ClientBase } from 'pg';
import type { JobSpec } from './enqueue.ts';

/** An effect that a machine has just asked for, as it is stored. */
export interface NewEffect {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: unknown;
  /** Of the machine. */
  version: number;
}

/**
 * Effects of one transaction that run in this process right after its commit, without the way through the queue: exactly one
 * of `committed` and `failed` is called.
 */
export interface Begun {
  /** These are stored as running, and their jobs are added by {@link addJobs} and by nobody else. */
  ids: ReadonlySet<string>;
  /** Adds their jobs, claimed by this process. No worker of the queue is woken for them. */
  addJobs(client: ClientBase, jobs: readonly JobSpec[]): Promise<void>;
  committed(): void;
  /** The transaction failed, or it is unknown whether it was committed. */
  failed(): void;
}

/** Called before a transaction writes the effects that it adds. */
export type BeginEffects = (added: readonly NewEffect[]) => Begun | undefined;
