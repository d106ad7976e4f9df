import type { Delivered } from '../actors/messages.ts';
import { isPartlyDelivered } from '../db/contention.ts';
import type { EmissionState } from '../model/alerts.ts';

/**
 * Thrown if another transaction held some alerts of a request for too long. The others are stored, and those can be
 * sent again.
 */
export class PartlyIngested extends Error {
  /** Of all alerts of the request, in their order; null for those that are not stored. */
  readonly states: readonly (EmissionState | null)[];

  constructor(states: readonly (EmissionState | null)[], cause: unknown) {
    const missing = states.filter((state) => state === null).length;
    super(`${missing} of ${states.length} alerts are not stored because another transaction holds them`, { cause });
    this.states = states;
  }
}

interface Unlocked {
  delivered: Delivered[];
  /** Actors that another transaction holds; nothing was delivered to them. */
  locked: ReadonlySet<string>;
  /** Null if everything was delivered. */
  cause: unknown;
}

/**
 * What was delivered in spite of locked actors. Throws if one of them is not among `alertActors`: a sender that sends
 * only the missing alerts again would not bring about the message for it.
 */
export async function deliveredUnlocked(
  delivering: Promise<Delivered[]>,
  alertActors: ReadonlySet<string>,
): Promise<Unlocked> {
  try {
    return { delivered: await delivering, locked: new Set(), cause: null };
  } catch (error) {
    if (!isPartlyDelivered(error)) throw error;
    const locked = new Set(error.undelivered.map(({ to }) => to));
    if ([...locked].some((actor) => !alertActors.has(actor))) throw error;
    return { delivered: [...error.delivered], locked, cause: error };
  }
}
