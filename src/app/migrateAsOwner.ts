import type pg from 'pg';
import { storeAuditRetention } from '../audit/rights.ts';
import { ExplainedError, explainDatabaseError } from '../db/explainDatabaseError.ts';
import { grantRights } from '../db/grants.ts';
import { migrate } from '../db/migrate.ts';
import { withMigrationClient } from '../db/migrationClient.ts';
import { refuseTransactionPooler } from '../db/transactionPooler.ts';
import type { Log } from '../log/log.ts';

/** An address of the database, and the setting that holds it. */
export interface Address {
  url: string;
  setting: string;
}

interface RoleUrls {
  /** The role that owns the tables; null if that is the role of the program. */
  ownerUrl: string | null;
  /** The role of lists and searches; null if that is the role of the program. */
  readerUrl: string | null;
}

interface MigrateOptions {
  /** The days for which the audit log is kept, which the role of the program cannot shorten. */
  auditDays: number;
  log: Log;
  stopping?: AbortSignal;
}

/**
 * Migrates the database as the owner of its tables, and gives the roles of the program their rights. Returns these roles;
 * none if one role is both, which then simply migrates.
 */
export async function migrateAsOwner(
  { url, setting }: Address,
  { ownerUrl, readerUrl }: RoleUrls,
  { auditDays, log, stopping }: MigrateOptions,
): Promise<string[]> {
  if (ownerUrl === null) {
    await refuseTransactionPooler(url, setting);
    await migrate(url, log, { stopping });
    return [];
  }
  // A new table without rights is of no use to the program, so the roles are known before there is one.
  const app = await namingSetting(setting, url, () => roleOf(url));
  const reader =
    readerUrl === null ? null : await namingSetting('DATABASE_READER_URL', readerUrl, () => roleOf(readerUrl));
  return namingSetting('DATABASE_OWNER_URL', ownerUrl, async () => {
    await refuseTransactionPooler(ownerUrl, 'DATABASE_OWNER_URL');
    await migrate(ownerUrl, log, { stopping });
    return withMigrationClient(ownerUrl, async (client) => {
      await storeAuditRetention(client, auditDays);
      if ((await currentRole(client)) === app) return [];
      await grantRights(client, { app, reader: reader === app ? null : reader });
      return [...new Set([app, ...(reader === null ? [] : [reader])])];
    });
  });
}

const roleOf = (url: string): Promise<string> => withMigrationClient(url, currentRole);

async function currentRole(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ role: string }>('select current_user::text as role');
  return rows[0]?.role ?? '';
}

/** The sentence for the person at the terminal names the setting whose address failed. */
async function namingSetting<T>(setting: string, url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExplainedError) throw error;
    const sentence = explainDatabaseError(error, url, setting);
    throw sentence === null ? error : new ExplainedError(sentence, { cause: error });
  }
}
