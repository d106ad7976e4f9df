/**
 * Runs the work under a signal that any of the given signals aborts. Its listeners are removed afterwards. `AbortSignal.any`
 * leaves a few bytes behind at a signal that lasts as long as the process, for each call; and on Node.js 20 it does not keep
 * a time limit alive, which is collected as garbage and never ends the work.
 */
export async function withAnySignal<T>(
  signals: readonly (AbortSignal | null | undefined)[],
  work: (any: AbortSignal) => Promise<T>,
): Promise<T> {
  const any = new AbortController();
  const given = signals.filter((each) => each != null);
  const stops = given.map((each) => ({ each, stop: () => any.abort(each.reason) }));
  for (const { each, stop } of stops) {
    if (each.aborted) stop();
    else each.addEventListener('abort', stop, { once: true });
  }
  try {
    return await work(any.signal);
  } finally {
    for (const { each, stop } of stops) each.removeEventListener('abort', stop);
  }
}
