import { keepConnected } from '../db/keepConnected.ts';
import type { Log } from '../log/log.ts';

/** Longer than the server keeps the lock of a session whose connection is dead for us but not for it. */
const REGAIN_MS = 10_000;

/**
 * Shows other processes that this worker pool is alive: a session lock on a connection of its own. A lost connection is
 * replaced at once, usually before another process notices. Where the lock cannot be regained, others take the jobs of
 * this pool for abandoned; `onLost` is then called once, and the pool must end.
 */
export function holdLiveness(deps: { databaseUrl: string; poolId: string; log: Log; onLost: () => void }) {
  let giveUp: NodeJS.Timeout | undefined;
  const waitToRegain = () => {
    giveUp = setTimeout(deps.onLost, REGAIN_MS);
  };
  waitToRegain();
  const connection = keepConnected({
    databaseUrl: deps.databaseUrl,
    name: 'auto-ticketing liveness',
    log: deps.log,
    prepare: (client) => client.query(`select pg_advisory_lock(${livenessKey('$1')})`, [deps.poolId]),
    onUp: () => clearTimeout(giveUp),
    onDown: waitToRegain,
  });
  return {
    async stop(): Promise<void> {
      clearTimeout(giveUp);
      await connection.stop();
    },
  };
}

/** SQL of the lock's key for the pool whose id `poolId` is. */
export const livenessKey = (poolId: string): string => `hashtextextended('job pool ' || ${poolId}, 0)`;
