/** Runs of one kind, of which few are left room while another system does not answer. */
export interface Places {
  /** Does the work, or asks to come back in this time because there is no place for it. */
  run<T>(work: () => Promise<T>): Promise<T | { inMs: number }>;
}

/** Longer than work takes while the other system answers, also behind others in the queue to it. */
const SLOW_MS = 8_000;
const COME_BACK_MS = 20_000;

/**
 * Any number of runs at once; only while one of them takes long, no more than `most` begin. So what waits for a system
 * that hangs never holds all workers, and what needs another system has its turn.
 */
export function createPlaces(most: number, now: () => number = () => performance.now()): Places {
  const running = new Set<{ since: number }>();
  return {
    async run(work) {
      const [oldest] = running;
      if (oldest && running.size >= most && now() - oldest.since > SLOW_MS) return { inMs: COME_BACK_MS };
      const mine = { since: now() };
      running.add(mine);
      try {
        return await work();
      } finally {
        running.delete(mine);
      }
    },
  };
}
