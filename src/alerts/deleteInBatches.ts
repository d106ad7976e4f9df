import type { ClientBase, Pool } from 'pg';
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

/** Deletes a batch after the other, each in a transaction of its own, until one is not full. Returns how many were deleted. */
export async function deleteInBatches(
  pool: Pool,
  { days, signal, atOnce = AT_ONCE }: Forgetting,
  deleteSome: (client: ClientBase, days: number, limit: number) => Promise<number>,
): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MAX_BATCHES && !signal?.aborted; batch += 1) {
    const count = await transaction(pool, (client) => deleteSome(client, days, atOnce));
    deleted += count;
    if (count < atOnce) break;
  }
  return deleted;
}
