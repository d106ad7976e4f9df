import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createCustomers } from '../customers/store.ts';
import { isMigrated, migrate } from '../db/migrate.ts';
import type { Log } from '../log/log.ts';
import type { Environment } from './environment.ts';

const MIGRATION_CHECK_MS = 1_000;

/** Resolves once the database has the schema of this release, and the customers of a sandbox. */
export async function prepareDatabase(
  pool: Pool,
  { config, databaseUrl, customers }: Environment,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  // In production a release step migrates and this process waits for it; elsewhere the process migrates itself.
  if (config.production) await waitForMigrations(pool, log, stopping);
  else await migrate(databaseUrl, log, stopping);
  if (customers.length > 0) {
    await createCustomers(pool).upsert(customers.map((each) => ({ ...each, freescoutCustomerId: null })));
  }
}

async function waitForMigrations(pool: Pool, log: Log, stopping: AbortSignal): Promise<void> {
  for (let warned = false; !(await isMigrated(pool).catch(() => false)); warned = true) {
    stopping.throwIfAborted();
    if (!warned) log.warn('the database cannot be reached or is not migrated; run "auto-ticketing migrate"; waiting');
    await sleep(MIGRATION_CHECK_MS, undefined, { signal: stopping });
  }
}
