import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Config } from '../config/config.ts';
import { createCustomers } from '../customers/store.ts';
import {
  explainDatabaseError,
  isPoolerRefusal,
  lacksRights,
  notMigrated,
  placeOf,
  TRANSACTION_POOLER,
} from '../db/explainDatabaseError.ts';
import { createPool } from '../db/pool.ts';
import { pageConnections, workConnections } from '../db/poolShares.ts';
import { schemaState } from '../db/schemaState.ts';
import { isTransactionPooler } from '../db/transactionPooler.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import type { Environment, Role } from './environment.ts';
import { migrateAsOwner } from './migrateAsOwner.ts';

const MIGRATION_CHECK_MS = 1_000;
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

/** Resolves once the database has the schema of this release, and the customers of a sandbox. */
export async function prepareDatabase(
  database: Database,
  { config, customers }: Environment,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  const { pool, directUrl } = database;
  // In production a release step migrates and this process waits for it; elsewhere the process migrates itself.
  if (config.production) await waitUntilReady(database, config, log, stopping);
  else {
    const options = { auditDays: config.retention.auditDays, log, stopping };
    await explained(directUrl, () => migrateAsOwner(directUrl, config.database, options));
    await explained(directUrl, () => refusePooler(directUrl, config));
  }
  database.isPrepared = true;
  if (customers.length > 0) {
    await createCustomers(pool).upsert(customers.map((each) => ({ ...each, freescoutCustomerId: null })));
  }
}

/** Waiting cannot help. */
class IsPooler extends Error {}

async function refusePooler(url: string, { database }: Config): Promise<void> {
  if (!(await isTransactionPooler(url))) return;
  throw new IsPooler(
    database.directUrl === null
      ? TRANSACTION_POOLER
      : 'DATABASE_DIRECT_URL leads to a connection pooler in transaction mode: set it to the address of the Postgres server itself.',
  );
}

/** Replaces an error of the database by a sentence for the person at the terminal. */
async function explained<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentence = explainDatabaseError(error, url);
    throw sentence === null ? error : new Error(sentence, { cause: error });
  }
}

/** Logs why the process waits, once for each reason. Throws if waiting cannot help. */
async function waitUntilReady(database: Database, config: Config, log: Log, stopping: AbortSignal): Promise<void> {
  for (let logged = ''; ; ) {
    const reason = await whyNotReady(database, config);
    if (reason === null) return;
    stopping.throwIfAborted();
    if (reason !== logged) log.warn(`${reason} Waiting.`);
    logged = reason;
    await sleep(MIGRATION_CHECK_MS, undefined, { signal: stopping });
  }
}

async function whyNotReady({ pool, directUrl: url }: Database, config: Config): Promise<string | null> {
  try {
    const state = await schemaState(pool);
    if (state === 'not migrated') return notMigrated(url);
    if (state !== 'ok') return lacksRights(url);
    await refusePooler(url, config);
    return null;
  } catch (error) {
    if (error instanceof IsPooler) throw error;
    const sentence = explainDatabaseError(error, url);
    if (sentence !== null && isPoolerRefusal(error)) throw new Error(sentence, { cause: error });
    return sentence ?? `The database ${placeOf(url)} cannot be used: ${(error as Error).message}.`;
  }
}
