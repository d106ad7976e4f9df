import type { Pool } from 'pg';
import { eventName } from '../lib/eventName.ts';
import type { HistoryEntry } from '../model/actors.ts';
import { type StoredEvent, sentenceOf } from './sentences/sentenceOf.ts';

interface Row extends StoredEvent {
  at: Date;
  event_id: string | null;
}

/** Fields of events that no sentence needs, and that may be long. */
const UNUSED = "array['details', 'labels', 'url']";

/** The history of an actor, newest first, with readable event names and what happened in words. */
export async function historyOf(pool: Pick<Pool, 'query'>, actorId: string, limit: number): Promise<HistoryEntry[]> {
  const { rows } = await pool.query<Row>(
    `select at, event - ${UNUSED} as event, event_id, from_state as "from", to_state as "to"
     from actor_history where actor_id = $1 order by id desc limit $2`,
    [actorId, limit],
  );
  return rows.map(({ at, event, event_id, from, to }) => ({
    at: at.toISOString(),
    event: eventName(event.type),
    event_id,
    from,
    to,
    summary: sentenceOf(actorId, { event, from, to }),
  }));
}
