import type { AnyMachineSnapshot } from 'xstate';
import type { Say } from './step.ts';

/** One event for one actor. */
export interface Message {
  to: string;
  event: { type: string } & Record<string, unknown>;
  /** Redelivery under the same id is a no-op. */
  eventId?: string | undefined;
  /** Set where the event is an effect's result: it counts only while that effect is wanted, and settles it. */
  effect?: { id: string; status: 'done' | 'failed' | 'dead' } | undefined;
  /** Set where the event is a timer's firing: it counts only if armed at this revision. */
  timer?: { id: string; rev: number } | undefined;
}

export type Applied =
  | 'changed'
  | 'unchanged'
  /** The event id stands in the history already. */
  | 'duplicate'
  /** A cancelled effect's result, or a timer that was taken back. */
  | 'stale'
  /** The actor is parked; the event is kept for it. */
  | 'held'
  /** The actor was written by a newer release; the event goes back to the queue for a newer process. */
  | 'handed_back';

export interface Delivered {
  message: Message;
  applied: Applied;
  /** The snapshot after the event; null where it was not applied. */
  snapshot: AnyMachineSnapshot | null;
  rev: number;
  says: Say[];
  /** The snapshot before the event; null where it was not applied. */
  before: AnyMachineSnapshot | null;
  /** It had waited for its actor, and was taken along ahead of what was delivered. */
  late?: true;
}

/** Thrown where the transaction must be tried again from the start. */
export class Conflict extends Error {}
