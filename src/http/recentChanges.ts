/** Actors whose state changed, and whether a flag did. */
export interface Changes {
  actors: readonly string[];
  flags: boolean;
}

/** The changes of the last minute, for pages that were rendered before their event stream was open. */
export interface RecentChanges {
  add(change: Changes): void;
  /** Changes may have been missed: what was until now is not known completely. */
  reset(): void;
  /** Everything that changed in the last `ms`; null if that is not known completely. */
  last(ms: number): Changes | null;
}

const KEPT_MS = 60_000;
const MAX_KEPT = 2_000;

export function createRecentChanges(now = () => performance.now()): RecentChanges {
  let completeSince = now();
  let kept: (Changes & { at: number })[] = [];

  return {
    add({ actors, flags }) {
      kept.push({ actors, flags, at: now() });
      // Not at each change, so that a burst does not copy the list each time.
      if (kept.length < 2 * MAX_KEPT && now() - (kept[0]?.at ?? 0) < 2 * KEPT_MS) return;
      const oldest = kept.at(-MAX_KEPT)?.at ?? Number.NEGATIVE_INFINITY;
      completeSince = Math.max(completeSince, now() - KEPT_MS, oldest);
      kept = kept.filter(({ at }) => at >= completeSince);
    },
    reset() {
      completeSince = now();
      kept = [];
    },
    last(ms) {
      const since = now() - ms;
      if (since < completeSince) return null;
      const recent = kept.filter(({ at }) => at >= since);
      return {
        actors: [...new Set(recent.flatMap(({ actors }) => actors))],
        flags: recent.some(({ flags }) => flags),
      };
    },
  };
}
