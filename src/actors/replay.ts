import type { ClientBase } from 'pg';
import { addJobs, effectJob } from './enqueue.ts';
import type { Registry } from './registry.ts';

/**
 * Puts a dead effect back to work, in the transaction of `client`; its actor has moved on and hears nothing of it.
 * False where there is none.
 */
export async function replayEffect(client: ClientBase, registry: Registry, effectId: string): Promise<boolean> {
  const { rows } = await client.query<{ actor_id: string }>(REPLAY, [effectId]);
  const row = rows[0];
  if (row) await addJobs(client, [effectJob(effectId, registry.of(row.actor_id))]);
  return row !== undefined;
}

const REPLAY = `
  update effects set status = 'pending', finished_at = null, error = null, next_at = now(), replayed = true
  where id = $1 and status = 'dead'
  returning actor_id`;
