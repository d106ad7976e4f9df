import type { Pool } from 'pg';
import { eventName } from '../lib/eventName.ts';
import type { HistoryEntry } from '../model/actors.ts';

/** The history of an actor, newest first, with readable event names. */
export async function historyOf(pool: Pick<Pool, 'query'>, actorId: string, limit: number): Promise<HistoryEntry[]> {
  const { rows } = await pool.query<{ at: Date; event: string; event_id: string | null; from: unknown; to: unknown }>(
    `select at, event->>'type' as event, event_id, from_state as "from", to_state as "to"
     from actor_history where actor_id = $1 order by id desc limit $2`,
    [actorId, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString(), event: eventName(row.event) }));
}
