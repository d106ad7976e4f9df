import type { ClientBase } from 'pg';
import { kindOf } from '../../../machines/shared/actorId.ts';
import { addJobs, inboxJob, LIVE_JOB } from '../enqueue.ts';
import type { Registry } from '../registry.ts';
import type { Repair } from './repair.ts';

/** Jobs that wait are there, however long; this only keeps out of the way of what is just being left or taken. */
const OLD = "interval '1 minute'";

/** Adds a job for each inbox with messages but without a job. A second job for the same inbox finds it empty. */
export async function requeueInboxes(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const { rows } = await client.query<{ actor_id: string; messages: number }>(WITHOUT_JOB);
  // Messages to a kind that this release does not know are left to the release that does.
  const ours = rows.filter(({ actor_id }) => registry.all.some(({ kind }) => kind === kindOf(actor_id)));
  await addJobs(
    client,
    ours.map(({ actor_id }) => inboxJob(actor_id)),
  );
  return ours.map(({ actor_id, messages }) => ({ what: 'inbox_requeued', actorId: actor_id, details: { messages } }));
}

/**
 * Messages and their job are added in one commit, and the messages are removed before the job: one query sees both or
 * neither. The same holds for events that an older process handed back. Events of parked actors wait for a person.
 */
const WITHOUT_JOB = `
  select i.actor_id, count(*)::int as messages from (
    select actor_id, left_at from inbox
    union all
    select h.actor_id, h.at from held_events h join actors a on a.id = h.actor_id where a.parked is null) i
  where not exists (
    select 1 from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier like 'inbox%' and j.payload->>'actorId' = i.actor_id and (${LIVE_JOB}))
  group by i.actor_id having min(i.left_at) < clock_timestamp() - ${OLD}
  order by i.actor_id limit 500`;
