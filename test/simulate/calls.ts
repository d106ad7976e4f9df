import type { Clock, Owner } from './clock.ts';

/** How the next write to the database goes wrong: it never arrives, or it is done and nobody hears of it. */
export type DatabaseMishap = 'refused' | 'answer lost';

const THERE_MS = 1;
const BACK_MS = 1;

/** Requests to the database. One that has left takes effect whatever becomes of the process that sent it. */
export interface Calls {
  read<T>(owner: Owner, query: () => T): Promise<T>;
  write<T>(owner: Owner, statement: () => T): Promise<T>;
  mishaps: DatabaseMishap[];
}

export function createCalls(clock: Clock): Calls {
  const mishaps: DatabaseMishap[] = [];

  function ask<T>(owner: Owner, work: () => T, mishap: () => DatabaseMishap | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      clock.in(THERE_MS, null, () => {
        const how = mishap();
        const value = how === 'refused' ? undefined : work();
        clock.wake(BACK_MS, owner, () => {
          if (how) reject(new Error('the database connection broke'));
          else resolve(value as T);
        });
      });
    });
  }

  return {
    mishaps,
    read: (owner, query) => ask(owner, query, () => undefined),
    write: (owner, statement) => ask(owner, statement, () => mishaps.shift()),
  };
}
