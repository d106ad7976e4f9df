import PQueue from 'p-queue';
import { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';
import { requestEnd } from './requestEnd.ts';

/** Runs the searches of each caller one after the other. */
export interface Searches {
  /**
   * The signal is aborted when the request has ended, so that the search can be cancelled; one that has not begun then
   * does not run. Throws Problem `too_many_requests` if too many searches of the caller wait.
   */
  run<T>(ctx: Ctx, search: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

const MAX_WAITING = 4;

/** A search may read a whole table, so one caller has one at a time; a reader with several tabs waits a moment. */
export function createSearches(): Searches {
  const queues = new Map<string, PQueue>();
  return {
    async run(ctx, search) {
      const caller = ctx.state.principal?.name ?? '';
      const queue = queues.get(caller) ?? new PQueue({ concurrency: 1 });
      queues.set(caller, queue);
      if (queue.size >= MAX_WAITING) {
        throw new Problem('too_many_requests', 'Your earlier searches are not finished. Try again in a few seconds.');
      }
      const signal = requestEnd(ctx);
      try {
        return await queue.add(async () => {
          signal.throwIfAborted();
          return search(signal);
        });
      } finally {
        if (queue.size === 0 && queue.pending === 0) queues.delete(caller);
      }
    },
  };
}
