import type { Pool } from 'pg';

/**
 * Runs the work under a lock for the whole fleet; returns null at once where another process holds the lock. It is a
 * session lock, so it ends with the process that holds it.
 */
export async function withFleetLock<T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T | null> {
  const client = await pool.connect();
  let unusable = true;
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [name],
    );
    if (!rows[0]?.taken) {
      unusable = false;
      return null;
    }
    try {
      return await work();
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
      unusable = false;
    }
  } finally {
    // Closing the connection releases a lock that could not be released otherwise.
    client.release(unusable);
  }
}
