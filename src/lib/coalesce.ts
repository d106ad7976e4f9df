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

/** The same for work on one of many keys: only calls with the same key share a run. */
export function coalesceBy<K, T>(work: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const entries = new Map<K, { call: () => Promise<T>; callers: number }>();
  return async (key) => {
    const entry = entries.get(key) ?? { call: coalesce(() => work(key)), callers: 0 };
    entries.set(key, entry);
    entry.callers += 1;
    try {
      return await entry.call();
    } finally {
      entry.callers -= 1;
      if (entry.callers === 0) entries.delete(key);
    }
  };
}
