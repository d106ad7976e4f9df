import { instantOf } from '../shared/protocol.ts';
import type { CheckedEvent, SurfaceContext } from './types.ts';

/**
 * Whether a surface still answers with Retry-After: at least half of its recent checks decide, so that one good answer in
 * between does not restart the time. Checks without an answer do not count. Pure.
 */

type Change = Partial<SurfaceContext>;

/** More are not counted, so that a few more good answers in a row end even a long overload. */
const MOST = 5;

export const overloadCounted = ({ overloads = 0 }: SurfaceContext, { overloaded, outcome }: CheckedEvent): Change => {
  if (overloaded) return { overloads: Math.min(overloads + 1, MOST) };
  return outcome === 'down' ? {} : { overloads: overloads - 1 };
};

export const isOverloadOver = ({ overloads = 0 }: SurfaceContext, { overloaded, outcome }: CheckedEvent): boolean =>
  !overloaded && outcome !== 'down' && overloads <= 0;

export const overloadBegun = (event: object): Change => ({ overloadedSince: instantOf(event) || null });

export const overloadForgotten = ({ overloads, overloadedSince }: SurfaceContext): Change => ({
  ...(overloads && { overloads: 0 }),
  ...(overloadedSince && { overloadedSince: null }),
});

/** The settings give it another time of grace now. Nothing is known of an overload that an earlier release met. */
export const hasOtherGrace = (
  { overloadedSince, policy }: SurfaceContext,
  { overloadGraceMs }: CheckedEvent,
): boolean => !!overloadedSince && overloadGraceMs !== undefined && overloadGraceMs !== policy.overloadGraceMs;

/** Milliseconds from the event until the overload has lasted too long. */
export function graceLeft({ overloadedSince, policy }: SurfaceContext, event: object): number {
  const grace = policy.overloadGraceMs ?? 0;
  const lasted = overloadedSince ? Date.parse(instantOf(event) || overloadedSince) - Date.parse(overloadedSince) : 0;
  return Math.max(0, grace - Math.max(0, lasted));
}
