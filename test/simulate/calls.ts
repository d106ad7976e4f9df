import type { Clock, Owner } from './clock.ts';

/** How the next write to the database fails: it is not done, or it is done and its response is lost. */
export type DatabaseFault = 'refused' | 'answer lost';

const SEND_MS = 1;
const RECEIVE_MS = 1;

/** Database requests. A request that was sent takes effect even if its process ends meanwhile. */
export interface Calls {
  read<T>(owner: Owner, query: () => T): Promise<T>;
  write<T>(owner: Owner, statement: () => T): Promise<T>;
  faults: DatabaseFault[];
}

export function createCalls(clock: Clock): Calls {
  const faults: DatabaseFault[] = [];

  function ask<T>(owner: Owner, work: () => T, fault: () => DatabaseFault | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      clock.in(SEND_MS, null, () => {
        const how = fault();
        const value = how === 'refused' ? undefined : work();
        clock.wake(RECEIVE_MS, owner, () => {
          if (how) reject(new Error('the database connection was lost'));
          else resolve(value as T);
        });
      });
    });
  }

  return {
    faults,
    read: (owner, query) => ask(owner, query, () => undefined),
    write: (owner, statement) => ask(owner, statement, () => faults.shift()),
  };
}
