import type { Pool } from 'pg';
import { type ApplyDeps, applyEvents } from './applyEvents.ts';
import type { Batch } from './batch.ts';
import { addJobs, inboxJob } from './enqueue.ts';
import type { Delivered, Message } from './messages.ts';

/** Messages that one transaction takes from an inbox. */
const MAX_MESSAGES = 500;

/** Whether messages for this actor are left in its inbox, or were held and can be applied now. */
export async function hasMessages(pool: Pick<Pool, 'query'>, actorId: string): Promise<boolean> {
  const { rowCount } = await pool.query(HAS_MESSAGES, [actorId]);
  return (rowCount ?? 0) > 0;
}

/**
 * Applies what the inbox of an actor holds, as one transaction of which the caller writes the batch. Null if another
 * process is emptying this inbox, or if only a newer release can.
 */
export async function applyInbox(batch: Batch, actorId: string, deps: ApplyDeps): Promise<Delivered[] | null> {
  const { client } = batch;
  const { rows: locks } = await client.query<{ taken: boolean }>(TRY_LOCK, [actorId]);
  if (!locks[0]?.taken) return null;
  const held = await batch.actors.load([actorId]);
  const { newer } = batch.actors.get(actorId);
  if (newer !== null) {
    await addJobs(client, [inboxJob(actorId, newer)]);
    return null;
  }
  const { rows } = await client.query<{ event: Message['event']; event_id: string }>(TAKE, [actorId, MAX_MESSAGES]);
  const messages = rows.map(({ event, event_id }) => ({ to: actorId, event, eventId: event_id }));
  return applyEvents(batch, [...held, ...messages], deps);
}

/** Held until the transaction ends. */
const TRY_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('inbox ' || $1, 0)) as taken";
const TAKE = `
  with taken as (
    delete from inbox where id in (select id from inbox where actor_id = $1 order by id limit $2)
    returning id, event, event_id
  ) select event, event_id from taken order by id`;
const HAS_MESSAGES = `
  select from inbox where actor_id = $1
  union all
  select from held_events h join actors a on a.id = h.actor_id where h.actor_id = $1 and a.parked is null
  limit 1`;
