import PQueue from 'p-queue';
import { isDatabaseGone } from '../db/databaseGone.ts';
import { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';
import { databaseLate, withPageDeadline } from './deadlines.ts';
import { requestEnd } from './requestEnd.ts';
import { createSearchTurns } from './searchTurns.ts';

/**
 * Reads what pages show on the few database connections of pages. Each caller has one read at a time, so that no reader
 * takes the connections of the others; a reader with several tabs waits a moment.
 */
export interface PageReads {
  /**
   * Waits at most as long as a page may take. The signal is aborted when the request has ended, so that the read can be
   * cancelled; one that has not begun then does not run. Throws Problem `too_many_requests` if too many reads of the
   * caller wait, or if this one waited in vain for the others although the database answers.
   */
  read<T>(ctx: Ctx, read: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same for what reads many rows, so that fewer can wait. */
  search<T>(ctx: Ctx, search: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * The same for a search that may take as long as a page may: it also waits for those of other callers, of which few run
   * at once. Throws Problem `busy` if it waited in vain for these.
   */
  searchInTurn<T>(ctx: Ctx, search: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** A browser that opens again has many tabs at once. */
const MAX_WAITING = 20;
const MAX_WAITING_BEFORE_SEARCH = 4;
const RETRY_AFTER_SECONDS = 5;
/** The database ends a statement of a page after 4 s. If no page was answered for so long, the database is the reason. */
const SILENT_AFTER_MS = 4_000;

/** `searchesAtOnce`: of all callers together. */
export function createPageReads({ searchesAtOnce }: { searchesAtOnce: number }): PageReads {
  const searches = createSearchTurns(searchesAtOnce);
  const callers = new Map<string, Caller>();
  /** When a read of any caller was last answered. */
  let answeredAt = Number.NEGATIVE_INFINITY;

  async function inTurn<T>(ctx: Ctx, maxWaiting: number, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const name = ctx.state.principal?.name ?? '';
    const caller = callers.get(name) ?? { queue: new PQueue({ concurrency: 1 }), waiting: new Set() };
    callers.set(name, caller);
    const { queue, waiting } = caller;
    // Those whose requests have ended stay in the queue until their turn, and then do nothing.
    if ([...waiting].filter(({ aborted }) => !aborted).length >= maxWaiting) {
      throw tooMany(ctx, 'Your earlier requests are not finished. Try again in a few seconds.');
    }
    const signal = requestEnd(ctx);
    if (queue.pending > 0) waiting.add(signal);
    try {
      return await queue.add(async () => {
        waiting.delete(signal);
        signal.throwIfAborted();
        return await noticed(read(signal), signal);
      });
    } finally {
      if (queue.size === 0 && queue.pending === 0) callers.delete(name);
    }
  }

  /** An error of a statement is an answer of the database too. */
  async function noticed<T>(read: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const result = await read;
      answeredAt = performance.now();
      return result;
    } catch (error) {
      if (!signal.aborted && (error instanceof Problem || !isDatabaseGone(error))) answeredAt = performance.now();
      throw error;
    }
  }

  function inTime<T>(ctx: Ctx, { maxWaiting, inTurns }: Kind, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const begunAt = performance.now();
    let waitsFor: 'own reads' | 'searches' = 'own reads';
    let askedAt = Number.POSITIVE_INFINITY;
    const ask = (signal: AbortSignal) => {
      askedAt = performance.now();
      return read(signal);
    };
    const begin = (signal: AbortSignal) => {
      if (!inTurns) return ask(signal);
      waitsFor = 'searches';
      return searches.run(signal, () => ask(signal));
    };
    return withPageDeadline(inTurn(ctx, maxWaiting, begin), () => {
      const now = performance.now();
      // Of the two waits the longer one is the reason.
      if (now - askedAt > askedAt - begunAt || now - answeredAt > SILENT_AFTER_MS) return databaseLate();
      if (waitsFor === 'searches')
        return new Problem('busy', 'Other people are searching. Try again in a few seconds.');
      return tooMany(ctx, 'Your other pages are still loading. Wait until they are done, then reload.');
    });
  }

  return {
    read: (ctx, read) => inTime(ctx, { maxWaiting: MAX_WAITING, inTurns: false }, read),
    search: (ctx, search) => inTime(ctx, { maxWaiting: MAX_WAITING_BEFORE_SEARCH, inTurns: false }, search),
    searchInTurn: (ctx, search) => inTime(ctx, { maxWaiting: MAX_WAITING_BEFORE_SEARCH, inTurns: true }, search),
  };
}

function tooMany(ctx: Ctx, message: string): Problem {
  ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
  return new Problem('too_many_requests', message);
}

interface Kind {
  maxWaiting: number;
  /** Whether it waits for the searches of other callers. */
  inTurns: boolean;
}

interface Caller {
  queue: PQueue;
  waiting: Set<AbortSignal>;
}
