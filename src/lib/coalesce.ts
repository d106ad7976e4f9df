/**
 * Lets callers share runs of `work` without getting a result that is older than their call: calls during a run wait for
 * the next run and share it.
 */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function begin(): Promise<T> {
    const run = work().finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  }

  function beginNext(): Promise<T> {
    next = undefined;
    return begin();
  }

  return () => {
    if (!running) return begin();
    next ??= running.then(beginNext, beginNext);
    return next;
  };
}
