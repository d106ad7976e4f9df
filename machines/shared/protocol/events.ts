import type { Severity } from './severity.ts';

/** What a transition sends to other actors. */

/** A message to another actor, delivered once, after the transaction that sends it. */
export interface ActorMessage {
  to: string;
  event: { type: string } & Record<string, unknown>;
}

/**
 * An emission of a surface about its outage or its certificate. The alert's id is derived from the surface and
 * `confirmedAt`: the instant of an outage, or `certificate` and the instant of its expiry.
 */
export interface SurfaceEmission {
  surfaceId: string;
  surfaceName: string;
  confirmedAt: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  title: string;
  details: string | null;
  /** Why it resolved, when the reason is not a recovery. */
  reason: string | null;
  /** It resolved for good, because the surface is not watched any more: a flapping one ends at once, too. */
  final?: true;
  /** Set while the surface or its certificate is flapping: how long it must stay well before the alert ends. */
  flapHoldMs?: number;
  /** How soon after the last one an episode continues its ticket; left out where none does. */
  reopenWithinMs?: number;
}

/** The instant at which the host accepted an event, by the database's clock. ISO 8601, UTC. */
export const instantOf = (event: object): string => ('at' in event && typeof event.at === 'string' ? event.at : '');
