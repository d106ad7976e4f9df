import type { Pool } from 'pg';

/**
 * Does the work while no other process of the fleet does the same, or answers null at once where one does. The lock is
 * a session's, so that it ends with the process that holds it.
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
    // A connection that could not be unlocked is closed, which unlocks it.
    client.release(unusable);
  }
}
