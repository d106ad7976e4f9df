import type { SurfaceContext } from './types.ts';

/** A surface whose checks fail in turn, never enough of them in a row to confirm an outage. Pure. */

type Change = Partial<SurfaceContext>;

/** The last checks, oldest first: `1` if the check was bad. Kept while no outage is confirmed, and while it is unstable. */
export function recentCounted({ recent = '' }: SurfaceContext, isBad: boolean, window: number | undefined): Change {
  return window ? { recent: `${recent}${isBad ? '1' : '0'}`.slice(-window) } : {};
}

/** At least half of a full window is bad. */
export function isUnstable({ recent, policy }: SurfaceContext): boolean {
  const window = policy.unstableWindow;
  if (!window || recent === undefined || recent.length < window) return false;
  return 2 * [...recent].filter((mark) => mark === '1').length >= window;
}

/** A good check of an unstable surface whose settings say now that it is never unstable. */
export const isTurnedOff = ({ unstable, streak, policy }: SurfaceContext): boolean =>
  unstable === true && streak.outcome === 'up' && policy.unstableWindow === 0;

/** A confirmed outage says enough by itself: its checks must not make the surface unstable after the recovery. */
export const recentForgotten = ({ recent }: SurfaceContext): Change => (recent ? { recent: '' } : {});
