/** Calls `load` at most once per `ms` and shares its result, also while it is pending. A failure is not remembered. */
export function memoizeFor<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let cached: { value: Promise<T>; until: number } | undefined;
  return () => {
    if (cached && performance.now() < cached.until) return cached.value;
    const entry = { value: load(), until: performance.now() + ms };
    cached = entry;
    entry.value.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return entry.value;
  };
}
