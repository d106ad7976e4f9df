import type { Pool } from 'pg';
import { isMigrated, tablesOfRelease } from './migrate.ts';
import { sqlStateMeans } from './sqlStates.ts';

type SchemaState = 'ok' | 'not migrated' | 'no rights';

/**
 * Whether the database has the schema of this release, and the role of this pool the rights to use it. The release step
 * gives the rights on all tables in a second transaction, so the right to read each is enough to tell.
 */
export async function schemaState(pool: Pool): Promise<SchemaState> {
  try {
    if (!(await isMigrated(pool))) return 'not migrated';
  } catch (error) {
    // Even the list of migrations needs a right.
    if (sqlStateMeans(error, 'denied')) return 'no rights';
    throw error;
  }
  const { rows } = await pool.query<{ denied: boolean }>(DENIED, [await tablesOfRelease()]);
  return rows[0]?.denied ? 'no rights' : 'ok';
}

/** Partitions are used through their tables and need no rights. */
const DENIED = `
  select exists (
    select from unnest($1::text[]) as tables(name) join pg_class c on c.oid = to_regclass('public.' || tables.name)
    where not c.relispartition and not has_table_privilege(c.oid, 'SELECT')
  ) as denied`;
