import PQueue from 'p-queue';

export interface RequestQueue {
  /** Runs the work when its turn comes; rejects with the signal's reason when that aborts before or meanwhile. */
  run<T>(rank: Rank, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /**
   * Runs the work to its end when its turn comes: signal and time limit count for the wait only. Throws the reason of the
   * abort, or calls `late` and throws its error.
   */
  runToEnd<T>(rank: Rank, wait: Wait, work: () => Promise<T>): Promise<T>;
}

interface Wait {
  signal?: AbortSignal | undefined;
  /** No limit if left out. */
  ms?: number | undefined;
  late: () => Error;
}

/** `urgent`: an operator is waiting. `patient`: background work that may wait a minute. `page`: only shown to somebody. */
export interface Rank {
  urgent: boolean;
  patient?: boolean | undefined;
  page?: boolean | undefined;
}

/**
 * At most `concurrency` requests at a time. Urgent ones go first, then filing, then patient ones and pages. With a
 * concurrency of two or more, one slot is kept from urgent requests and one from all others, so that neither clicks nor
 * filing wait behind each other; pages have a quarter of the slots, at least one.
 */
export function createRequestQueue(concurrency: number): RequestQueue {
  const all = new PQueue({ concurrency });
  const urgentOnes = new PQueue({ concurrency: Math.max(1, concurrency - 1) });
  const background = new PQueue({ concurrency: Math.max(1, concurrency - 1) });
  const pages = new PQueue({ concurrency: Math.max(1, Math.floor(concurrency / 4)) });
  const queue: RequestQueue = {
    run({ urgent, patient, page }, signal, work) {
      if (urgent) return urgentOnes.add(() => all.add(work, { priority: 1, signal }), { signal });
      const priority = patient || page ? -1 : 0;
      const inBackground = () => background.add(() => all.add(work, { priority, signal }), { priority, signal });
      return page ? pages.add(inBackground, { signal }) : inBackground();
    },
    async runToEnd(rank, { signal, ms, late }, work) {
      signal?.throwIfAborted();
      const waiting = new AbortController();
      const timer = ms === undefined ? undefined : setTimeout(() => waiting.abort(late()), ms);
      const follow = () => waiting.abort(signal?.reason);
      signal?.addEventListener('abort', follow, { once: true });
      const endWait = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', follow);
      };
      try {
        return await queue.run(rank, waiting.signal, () => {
          endWait();
          return work();
        });
      } finally {
        endWait();
      }
    },
  };
  return queue;
}
