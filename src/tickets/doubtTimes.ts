/** How long a request whose answer was lost may still take effect, and when to look for its result. */

/** The settings leave at least so much time between the end of a call and the end of its doubt. */
export const POST_WITHIN_MS = 5_000;
/** For a request that nobody waits for, on a busy machine. */
const BACKGROUND_POST_WITHIN_MS = 10_000;
const LOOK_UPS_S = [2, 5, 15, 60];

/** Whether a request that was not found by now will not take effect any more. */
export const isDoubtOver = (sinceAttemptMs: number | null, inDoubtSeconds: number): boolean =>
  (sinceAttemptMs ?? 0) >= inDoubtSeconds * 1000;

/** Milliseconds until the next look-up. */
export function nextLookUpMs(sinceAttemptMs: number | null, inDoubtSeconds: number): number {
  const now = sinceAttemptMs ?? 0;
  const times = [...LOOK_UPS_S.filter((s) => s < inDoubtSeconds), inDoubtSeconds].map((s) => s * 1000);
  const next = times.find((ms) => ms > now + 100);
  return next === undefined ? 1_000 : next - now + 50;
}

/**
 * A request that leaves later could take effect after the doubt is over, and another process may have posted then. Nearly
 * all of the doubt is for FreeScout, which may finish a request long after its caller has hung up.
 */
export const postWithinMs = ({ timeoutMs, inDoubtSeconds }: { timeoutMs: number; inDoubtSeconds: number }): number =>
  Math.max(POST_WITHIN_MS, Math.min(BACKGROUND_POST_WITHIN_MS, inDoubtSeconds * 1_000 - timeoutMs));
