import type { ClientBase, Pool } from 'pg';
import { isLimitExceeded } from '../db/databaseGone.ts';
import { transaction } from '../db/pool.ts';

/** Records deleted by one transaction; few enough that locks are short. */
const AT_ONCE = 200;
/** The rest is deleted in the next run. */
const MAX_BATCHES = 100;

export interface Forgetting {
  /** Age of the last change at which a record is deleted. */
  days: number;
  signal?: AbortSignal;
  atOnce?: number;
}

/**
 * Deletes a batch after the other, each in a transaction of its own, until one is not full. What belongs to a record may be
 * much: after a batch that took too long the next ones are smaller. Returns how many were deleted.
 */
export async function deleteInBatches(
  pool: Pool,
  { days, signal, atOnce = AT_ONCE }: Forgetting,
  deleteSome: (client: ClientBase, days: number, limit: number) => Promise<number>,
): Promise<number> {
  let deleted = 0;
  let size = atOnce;
  for (let batch = 0; batch < MAX_BATCHES && !signal?.aborted; batch += 1) {
    try {
      const count = await transaction(pool, (client) => deleteSome(client, days, size));
      deleted += count;
      if (count < size) break;
    } catch (error) {
      if (!isLimitExceeded(error) || size === 1) throw error;
      size = Math.floor(size / 2);
    }
  }
  return deleted;
}
