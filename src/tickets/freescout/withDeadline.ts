/** The longest delay of a Node timer; a longer one fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Runs the work under a signal that aborts after `ms` (Infinity: never) or with the parent signal, and rejects with the
 * reason of that abort: a DOMException named TimeoutError when the time was up. Removes its timer and listener afterwards,
 * which `AbortSignal.any` with a long-lived parent does not do on every supported Node version.
 */
export async function withDeadline<T>(
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  if (ms <= 0) throw timeIsUp();
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  const expire = () => controller.abort(timeIsUp());
  parent?.addEventListener('abort', follow, { once: true });
  const timer = ms <= LONGEST_TIMER_MS ? setTimeout(expire, ms) : undefined;
  try {
    return await work(controller.signal);
  } catch (error) {
    // The caller needs the reason of the abort, whatever error the work made of it.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener('abort', follow);
  }
}

function timeIsUp(): DOMException {
  return new DOMException('The time for this call is up.', 'TimeoutError');
}
