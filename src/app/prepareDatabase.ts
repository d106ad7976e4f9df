import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { createCustomers } from '../customers/store.ts';
import {
  ExplainedError,
  explainDatabaseError,
  isPoolerRefusal,
  lacksRights,
  notMigrated,
  OTHER_DATABASE,
  placeOf,
} from '../db/explainDatabaseError.ts';
import { isSameDatabase } from '../db/sameDatabase.ts';
import { schemaState } from '../db/schemaState.ts';
import { refuseTransactionPooler, TransactionPoolerError } from '../db/transactionPooler.ts';
import { failureOf } from '../lib/failureOf.ts';
import type { Log } from '../log/log.ts';
import type { Database } from './database.ts';
import type { Environment } from './environment.ts';
import { type Address, migrateAsOwner } from './migrateAsOwner.ts';

const MIGRATION_CHECK_MS = 1_000;

/** Resolves once the database has the schema of this release, and the customers of a sandbox. */
export async function prepareDatabase(
  database: Database,
  environment: Pick<Environment, 'config' | 'databaseUrl' | 'customers'>,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  const { config, customers } = environment;
  const addresses = addressesOf(environment);
  // In production a release step migrates and this process waits for it; elsewhere the process migrates itself.
  if (config.production) await waitUntilReady(database, addresses, log, stopping);
  else {
    const options = { auditDays: config.retention.auditDays, log, stopping };
    const { direct } = addresses;
    await explained(direct, () => migrateAsOwner(direct, config.database, options));
    // The role that migrates has an address of its own then; otherwise that was refused before the migration.
    if (config.database.ownerUrl !== null) await explained(direct, () => refusePooler(direct));
    await explained(addresses.pooled, () => refuseOtherDatabase(database));
  }
  void warnOfReader(database, config, log);
  database.isPrepared = true;
  if (customers.length > 0) {
    await createCustomers(database.pool).upsert(customers.map((each) => ({ ...each, freescoutCustomerId: null })));
  }
}

interface Addresses {
  /** Of all statements. */
  pooled: Address;
  /** Of locks, notifications and jobs; the same where no pooler is used. */
  direct: Address;
}

function addressesOf({ config, databaseUrl }: Pick<Environment, 'config' | 'databaseUrl'>): Addresses {
  const { directUrl } = config.database;
  const pooled = { url: databaseUrl, setting: 'DATABASE_URL' };
  return { pooled, direct: directUrl === null ? pooled : { url: directUrl, setting: 'DATABASE_DIRECT_URL' } };
}

const refusePooler = ({ url, setting }: Address): Promise<void> => refuseTransactionPooler(url, setting);

async function refuseOtherDatabase({ pool, jobPool }: Database): Promise<void> {
  if (pool !== jobPool && !(await isSameDatabase(pool, jobPool))) throw new ExplainedError(OTHER_DATABASE);
}

/** Pages without their lists are better than no program, and the start does not wait for this. Never rejects. */
async function warnOfReader({ pool, pagePool }: Database, { database }: Config, log: Log): Promise<void> {
  if (database.readerUrl === null || pagePool === pool) return;
  const error = await failureOf(pagePool.query('select'));
  if (error === null) return;
  log.warn(
    `${sentenceFor(error, { url: database.readerUrl, setting: 'DATABASE_READER_URL' })} Lists are not available.`,
  );
}

/** Replaces an error of the database by a sentence for the person at the terminal. */
async function explained<T>({ url, setting }: Address, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentence = explainDatabaseError(error, url, setting);
    throw sentence === null ? error : new Error(sentence, { cause: error });
  }
}

/** Logs why the process waits, once for each reason. Throws if waiting cannot help. */
async function waitUntilReady(
  database: Database,
  addresses: Addresses,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  for (let logged = ''; ; ) {
    const reason = await whyNotReady(database, addresses);
    if (reason === null) return;
    stopping.throwIfAborted();
    if (reason !== logged) log.warn(`${reason} Waiting.`);
    logged = reason;
    await sleep(MIGRATION_CHECK_MS, undefined, { signal: stopping });
  }
}

async function whyNotReady(database: Database, { pooled, direct }: Addresses): Promise<string | null> {
  let address = pooled;
  try {
    const state = await schemaState(database.pool);
    if (state === 'not migrated') return notMigrated(pooled.url);
    if (state !== 'ok') return lacksRights(pooled.url);
    address = direct;
    await refusePooler(direct);
    await refuseOtherDatabase(database);
    return null;
  } catch (error) {
    if (error instanceof TransactionPoolerError) throw error;
    const sentence = sentenceFor(error, address);
    if (isPoolerRefusal(error)) throw new Error(sentence, { cause: error });
    return sentence;
  }
}

const sentenceFor = (error: unknown, { url, setting }: Address): string =>
  explainDatabaseError(error, url, setting) ??
  `The database ${placeOf(url)} cannot be used: ${(error as Error).message}.`;
