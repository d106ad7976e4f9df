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

export const overloadForgotten = ({ overloads }: SurfaceContext): Change => (overloads ? { overloads: 0 } : {});
