import type { Pool } from 'pg';

/**
 * Whether both lead to the same database of the same running server. A copy of it has the same names and rows, and even
 * the same system identifier.
 */
export async function isSameDatabase(one: Pool, other: Pool): Promise<boolean> {
  const [identity, otherIdentity] = await Promise.all([identityOf(one), identityOf(other)]);
  return identity === otherIdentity;
}

async function identityOf(pool: Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ identity: string }>(
    `select concat_ws(' ', oid, extract(epoch from pg_postmaster_start_time())) as identity
     from pg_database where datname = current_database()`,
  );
  return rows[0]?.identity;
}
