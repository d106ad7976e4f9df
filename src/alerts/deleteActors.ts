import type { ClientBase } from 'pg';

/** Deletes actors with their effects and their history. */
export async function deleteActors(client: ClientBase, ids: string[]): Promise<void> {
  for (const table of ['effects', 'actor_history']) {
    await client.query(`delete from ${table} where actor_id = any($1)`, [ids]);
  }
  await client.query('delete from actors where id = any($1)', [ids]);
}
