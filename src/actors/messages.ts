import type { AnyMachineSnapshot } from 'xstate';
import type { MachineAction } from './step.ts';

/** One event for one actor. */
export interface Message {
  to: string;
  event: { type: string } & Record<string, unknown>;
  /** Redelivery under the same id is a no-op. */
  eventId?: string | undefined;
  /**
   * Set if the event is the result of an effect: it counts only while that effect is unfinished, and finishes it. The
   * event has the id of the child as `actorId`, as XState demands.
   */
  effect?: { id: string; status: 'done' | 'failed' | 'dead' } | undefined;
  /** Set if a timer fired: the event counts only if the timer was armed at this revision. */
  timer?: { id: string; rev: number } | undefined;
}

export type Applied =
  | 'changed'
  | 'unchanged'
  /** The event id is already in the history. */
  | 'duplicate'
  /** The result of a cancelled effect, or a timer that was cancelled. */
  | 'stale'
  /** The actor is parked; the event is stored until it is revived. */
  | 'held'
  /** A newer release wrote the actor; the event goes back to the queue for a newer process. */
  | 'handed_back';

export interface Delivered {
  message: Message;
  applied: Applied;
  /** The snapshot after the event; null if it was not applied. */
  snapshot: AnyMachineSnapshot | null;
  rev: number;
  /** What the machine asked for by name. */
  actions: MachineAction[];
  /** The snapshot before the event; null if it was not applied. */
  before: AnyMachineSnapshot | null;
  /** The event was held earlier, and was applied before the events of this delivery. */
  late?: true;
}

/** Whether the event moved its actor, or will once the actor can take it. */
export const isTaken = (applied: Applied): boolean =>
  applied === 'changed' || applied === 'held' || applied === 'handed_back';

/**
 * Thrown if another transaction held some of the actors for too long. What was for the others has been delivered;
 * `undelivered` can be delivered again.
 */
export class PartlyDelivered extends Error {
  readonly delivered: readonly Delivered[];
  readonly undelivered: readonly Message[];

  constructor(delivered: readonly Delivered[], undelivered: readonly Message[], cause: unknown) {
    super(`${undelivered.length} messages were not delivered because another transaction holds their actors`, {
      cause,
    });
    this.delivered = delivered;
    this.undelivered = undelivered;
  }
}

/** Thrown if the transaction must be repeated from the start. */
export class Conflict extends Error {}
