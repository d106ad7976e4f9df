import PQueue from 'p-queue';

/** Lets few searches of all callers run at once: each may read a whole table, which takes a processor of the database. */
export interface SearchTurns {
  /** Runs the search when its turn comes. One whose request ends before that leaves the queue, and does not run. */
  run<T>(signal: AbortSignal, search: () => Promise<T>): Promise<T>;
}

export function createSearchTurns(atOnce: number): SearchTurns {
  const queue = new PQueue({ concurrency: atOnce });
  return {
    async run(signal, search) {
      signal.throwIfAborted();
      // A search that has begun keeps its turn until the database has ended it.
      const waiting = new AbortController();
      const leave = () => waiting.abort(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      const begin = () => {
        signal.removeEventListener('abort', leave);
        return search();
      };
      return queue.add(begin, { signal: waiting.signal });
    },
  };
}
