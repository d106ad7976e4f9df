import { instantOf } from '../shared/protocol.ts';
import type { Outages, SurfaceContext } from './types.ts';

/**
 * The outages of a surface. Those that follow each other closely belong to one alert: while the surface is flapping, until
 * it stayed up for half of the window, and wherever the next one begins soon enough to continue the ticket. Pure.
 */

type Change = Partial<SurfaceContext>;

const NONE: Outages = { starts: [], identity: null, endedAt: null };

const outagesOf = ({ outages }: SurfaceContext): Outages => outages ?? NONE;

/** Milliseconds that a flapping surface must stay up before its alert ends. */
export const flapHoldMs = ({ policy }: SurfaceContext): number => (policy.flap?.windowMs ?? 0) / 2;

/** As many outages as the limit began within the window. */
export function isFlapping(context: SurfaceContext): boolean {
  const { flap } = context.policy;
  const { starts } = outagesOf(context);
  const first = flap && starts.at(-flap.maxOutages);
  const last = starts.at(-1);
  return flap !== undefined && first !== undefined && last !== undefined && msBetween(first, last) < flap.windowMs;
}

/** The identity under which the outages of a flapping surface go on; null if it is not flapping. */
export const flappingIdentity = (context: SurfaceContext): string | null =>
  isFlapping(context) ? outagesOf(context).identity : null;

/** The identity of an outage that begins now: its instant, or that of the outage before it if that ended just before. */
export function identityOfOutage(context: SurfaceContext, event: object): string {
  const { identity, endedAt } = outagesOf(context);
  const now = instantOf(event);
  if (identity === null || endedAt === null) return now;
  const pauseMs = longestPauseMs(context);
  // After a step back of the clock a pause of no time would be negative.
  return pauseMs > 0 && msBetween(endedAt, now) < pauseMs ? identity : now;
}

/** How long the surface may be up between two outages of one alert. */
const longestPauseMs = (context: SurfaceContext): number =>
  Math.max(context.policy.reopenWithinMs ?? 0, isFlapping(context) ? flapHoldMs(context) : 0);

/**
 * Counts an outage once, when it raises its alert. An outage that raises none has no ticket, so it is no flapping. One
 * whose alert ended at a status that raises none is counted again when it raises the alert again.
 */
export function outageCounted(context: SurfaceContext, event: object): Change {
  const { policy, confirmedAt } = context;
  const { starts, identity, endedAt } = outagesOf(context);
  if (!policy.flap || (identity === confirmedAt && endedAt === null)) return {};
  const counted = [...starts, instantOf(event)].slice(-policy.flap.maxOutages);
  return { outages: { starts: counted, identity: confirmedAt, endedAt: null } };
}

/** A surface that comes back to the file begins anew. */
export const outagesForgotten = ({ outages }: SurfaceContext): Change => (outages ? { outages: NONE } : {});

/** The end of the present outage or of its alert, if it was counted. */
export function outageClosed(context: SurfaceContext, event: object): Change {
  const { outages, confirmedAt } = context;
  return outages && outages.identity === confirmedAt ? { outages: { ...outages, endedAt: instantOf(event) } } : {};
}

const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);
