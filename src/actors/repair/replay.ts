import type { ClientBase } from 'pg';
import { storableJson } from '../../db/storable.ts';
import { addJobs, effectJob } from '../enqueue.ts';
import type { Registry } from '../registry.ts';
import { withEntry } from '../statements.ts';

/** What people do with dead effects. Each function runs in the transaction of `client`. */

/** Runs a dead effect again; its actor has moved on and is not told the result. False if there is none. */
export async function replayEffect(client: ClientBase, registry: Registry, effectId: string): Promise<boolean> {
  const { rows } = await client.query<{ actor_id: string; version: number | null }>(REPLAY, [effectId]);
  const row = rows[0];
  if (row) await addJobs(client, [effectJob(effectId, registry.of(row.actor_id), row.version)]);
  return row !== undefined;
}

/** Ends a dead effect: its actor has requested it again, or a person has discarded it. False if there is none. */
export async function endEffect(
  client: ClientBase,
  effectId: string,
  status: 'replayed' | 'discarded',
): Promise<boolean> {
  const { rowCount } = await client.query(
    "update effects set status = $2, finished_at = clock_timestamp() where id = $1 and status = 'dead'",
    [effectId, status],
  );
  return rowCount === 1;
}

/** Adds what a person did to the history of an effect. */
export async function recordEntry(
  client: ClientBase,
  effectId: string,
  entry: { what: 'edited' | 'replayed' | 'discarded'; by: string; reason?: string },
): Promise<void> {
  await client.query(
    `update effects e set history = ${withEntry("jsonb_build_object('at', clock_timestamp()) || $2::jsonb")} where id = $1`,
    [effectId, storableJson(entry)],
  );
}

const REPLAY = `
  update effects set status = 'pending', finished_at = null, error = null, next_at = now(), replayed = true
  where id = $1 and status = 'dead'
  returning actor_id, version`;
