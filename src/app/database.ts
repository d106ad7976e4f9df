import type { Pool } from 'pg';
import { createPool } from '../db/pool.ts';
import { pageConnections, workConnections } from '../db/poolShares.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import type { Environment, Role } from './environment.ts';

/** The connections that a single alert with its ticket and message needs at once. */
const KEPT_CONNECTIONS = 4;
/** A page times out after 4.5 s, and its statement must not continue. */
const PAGE_STATEMENT_MS = 4_000;
/** Each set of job workers keeps one connection for notifications. */
const JOB_LISTENERS: Record<Role, number> = { web: 1, worker: 2, all: 2 };
/** Connections with which jobs are fetched and ended, if they cannot come from a pooler. */
const JOB_CONNECTIONS = 4;

export interface Database {
  pool: Pool;
  /** For lists and searches of pages and for metrics, so that they never take the connections of intake and filing. */
  pagePool: Pool;
  /** Of direct connections, for the job workers. */
  jobPool: Pool;
  /** The server itself, without a pooler. */
  directUrl: string;
  /** Whether it has the schema of this release. */
  isPrepared: boolean;
}

/**
 * Creates the connection pools. What job workers need to listen comes on top of DATABASE_POOL_SIZE, so that the smallest
 * size works.
 */
export function createPools(
  { config, databaseUrl }: Pick<Environment, 'config' | 'databaseUrl'>,
  role: Role,
  log: Log,
  cleanups: Cleanups,
): Database {
  const { poolSize, directUrl, readerUrl } = config.database;
  const listeners = JOB_LISTENERS[role];
  const throughPooler = directUrl !== null;
  const pages = pageConnections(poolSize);
  const own = workConnections(poolSize) + (throughPooler ? 0 : listeners);
  const pool = createPool(databaseUrl, own, log, { throughPooler, kept: KEPT_CONNECTIONS, keepsPlans: true });
  cleanups.add('database pool', () => pool.end());
  const pagePool =
    pages === 0
      ? pool
      : createPool(readerUrl ?? databaseUrl, pages, log, {
          ...{ throughPooler, statementMs: PAGE_STATEMENT_MS },
          mayBeStandby: readerUrl !== null,
        });
  if (pagePool !== pool) cleanups.add('database pool of the pages', () => pagePool.end());
  if (!throughPooler) return { pool, pagePool, jobPool: pool, directUrl: databaseUrl, isPrepared: false };
  const jobPool = createPool(directUrl, listeners + JOB_CONNECTIONS, log);
  cleanups.add('database pool of the jobs', () => jobPool.end());
  return { pool, pagePool, jobPool, directUrl, isPrepared: false };
}
