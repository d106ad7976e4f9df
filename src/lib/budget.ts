export interface Budget {
  /** Takes one place of this key. `dropped` is the number of calls that got none since the last one that did. */
  take(key: string): { passes: boolean; dropped: number };
}

interface Window {
  ends: number;
  taken: number;
  dropped: number;
}

/** Gives each key `allowed` places per `windowMs`. Beyond `maxKeys` the oldest key is forgotten, which limits memory. */
export function createBudget({
  allowed,
  windowMs,
  maxKeys = 10_000,
  now = Date.now,
}: {
  allowed: number;
  windowMs: number;
  maxKeys?: number;
  now?: () => number;
}): Budget {
  const windows = new Map<string, Window>();

  function windowOf(key: string): Window {
    const existing = windows.get(key);
    if (existing && now() < existing.ends) return existing;
    windows.delete(key);
    const fresh = { ends: now() + windowMs, taken: 0, dropped: existing?.dropped ?? 0 };
    windows.set(key, fresh);
    const [oldest] = windows.keys();
    if (windows.size > maxKeys && oldest !== undefined) windows.delete(oldest);
    return fresh;
  }

  return {
    take(key) {
      const window = windowOf(key);
      if (window.taken >= allowed) {
        window.dropped += 1;
        return { passes: false, dropped: window.dropped };
      }
      const { dropped } = window;
      Object.assign(window, { taken: window.taken + 1, dropped: 0 });
      return { passes: true, dropped };
    },
  };
}
