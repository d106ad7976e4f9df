import type { Pool } from 'pg';

type Query = (...statement: unknown[]) => Promise<unknown>;

/**
 * Sends the statements of one page one after the other, so that the page has one connection at a time. None is sent after
 * one has failed or `signal` was aborted: nobody waits for its rows any more.
 */
export function pageReader(pool: Pick<Pool, 'query'>, signal?: AbortSignal): Pick<Pool, 'query'> {
  const send = pool.query.bind(pool) as unknown as Query;
  let last: Promise<void> = Promise.resolve();
  // The queue has promises of its own, so that the stack of an error names the caller, who alone waits for this function's.
  const query: Query = async (...statement) => {
    const before = last;
    const turn = createTurn();
    last = turn.isOver;
    try {
      await before;
      signal?.throwIfAborted();
      const result = await send(...statement);
      turn.end();
      return result;
    } catch (error) {
      turn.fail(error);
      throw error;
    }
  };
  return { query: query as unknown as Pool['query'] };
}

interface Turn {
  isOver: Promise<void>;
  end(): void;
  fail(error: unknown): void;
}

function createTurn(): Turn {
  let settle: Pick<Turn, 'end' | 'fail'> | undefined;
  const isOver = new Promise<void>((end, fail) => {
    settle = { end, fail };
  });
  // Nobody may follow.
  isOver.catch(() => undefined);
  return { isOver, end: () => settle?.end(), fail: (error) => settle?.fail(error) };
}
