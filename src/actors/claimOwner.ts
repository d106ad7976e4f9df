import { randomBytes } from 'node:crypto';
import type { Log } from '../log/log.ts';
import { holdLiveness } from './liveness.ts';

/** The name under which this process claims jobs by itself. */
export interface ClaimOwner {
  id(): string;
  stop(): Promise<void>;
}

/**
 * Like a pool of workers it holds a session lock, so that other processes take over its claims within seconds of its end.
 * If the lock was lost for long, its claims count as abandoned, and the process continues under another name.
 */
export function startClaimOwner(databaseUrl: string, log: Log): ClaimOwner {
  let owner = begin();

  function begin() {
    const id = `effects ${randomBytes(9).toString('hex')}`;
    const sign = holdLiveness({
      databaseUrl,
      poolId: id,
      log,
      onLost: () => {
        owner = begin();
        void sign.stop();
      },
    });
    return { id, sign };
  }

  return { id: () => owner.id, stop: () => owner.sign.stop() };
}
