import type { Pool } from 'pg';

/** An event that waits for a process of a release which knows a later version of the machine of its actor. */
export async function holdForNewer(pool: Pool): Promise<void> {
  await pool.query(`
    insert into actors (id, kind, version, rev, state, snapshot) values ('alert:prom:disk', 'alert', 9999, 1, '{}', '{}')`);
  await pool.query(`
    insert into held_events (actor_id, event, reason) values ('alert:prom:disk', '{}', 'moved by a newer release')`);
}
