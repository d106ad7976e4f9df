import { keepConnected } from '../db/keepConnected.ts';
import type { Log } from '../log/log.ts';

/** How the connection is shown by the database. */
const NAME = 'auto-ticketing liveness';
/** Longer than the server keeps the lock of a session whose connection is dead for us but not for it. */
const REGAIN_MS = 10_000;

/**
 * Shows other processes that this worker pool is alive: a session lock on a connection of its own. A lost connection is
 * replaced at once, usually before another process notices. If the lock cannot be regained, others take the jobs of
 * this pool for abandoned; `onLost` is then called once, and the pool must end.
 */
export function holdLiveness(deps: {
  databaseUrl: string;
  poolId: string;
  log: Log;
  onLost: () => void;
  /** The pool is that of a worker, which runs every kind of job. */
  isWorker?: boolean;
}) {
  let giveUp: NodeJS.Timeout | undefined;
  const waitToRegain = () => {
    giveUp = setTimeout(deps.onLost, REGAIN_MS);
  };
  waitToRegain();
  const connection = keepConnected({
    databaseUrl: deps.databaseUrl,
    name: NAME,
    log: deps.log,
    async prepare(client) {
      await client.query(END_EARLIER, [deps.poolId]);
      await client.query(deps.isWorker ? `${LOCK}, ${SHARE_WORKER_LOCK}` : LOCK, [deps.poolId]);
    },
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

const LOCK = `select pg_advisory_lock(${livenessKey('$1')})`;

/** SQL condition for a row of `pg_locks`: a session of this database holds the lock with this key. */
const isHeld = (key: string): string => `locktype = 'advisory' and objsubid = 1 and granted
  and database = (select oid from pg_database where datname = current_database())
  and (classid::int8 << 32 | objid::int8) = ${key}`;

/**
 * Ends a session of this pool that is dead for us, but not yet for the server. If a new one waited for it and the host
 * vanished meanwhile, the lock would pass to the new one, and be kept for as long again.
 */
const END_EARLIER = `
  select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
  where ${isHeld(livenessKey('$1'))} and application_name = '${NAME}' and pid <> pg_backend_pid()`;

/** All workers share this lock. */
const WORKER_KEY = "hashtextextended('auto-ticketing worker', 0)";
const SHARE_WORKER_LOCK = `pg_advisory_lock_shared(${WORKER_KEY})`;

/** SQL condition: a worker is connected. It reads the list of locks, so that it takes none itself. */
export const WORKER_RUNS = `exists (select from pg_locks where ${isHeld(WORKER_KEY)} and mode = 'ShareLock')`;
