import type { Pool } from 'pg';
import { prepared, queryPrepared } from '../db/prepared.ts';
import type { Delivered, Message } from './messages.ts';
import type { NoopCache } from './noopCache.ts';

/** Answers from memory, without a lock, the events that are known to change nothing; the rest has to be applied. */
export async function recallNoops(
  pool: Pick<Pool, 'query'>,
  noops: NoopCache,
  messages: readonly Message[],
): Promise<{ recalled: Delivered[]; rest: Message[] }> {
  const candidates = messages.filter((message) => noops.mayRecall(message));
  if (candidates.length === 0) return { recalled: [], rest: [...messages] };
  const { rows } = await queryPrepared<{ id: string; rev: number; life: string }>(pool, REVISIONS, [
    [...new Set(candidates.map((message) => message.to))],
  ]);
  const stored = new Map(rows.map(({ id, rev, life }) => [id, { rev: Number(rev), life }]));
  const recalled: Delivered[] = [];
  const rest: Message[] = [];
  // Once one event of an actor needs its row, the later ones in this batch do too.
  const busy = new Set<string>();
  for (const message of messages) {
    const actor = stored.get(message.to);
    const known = !actor || busy.has(message.to) ? undefined : noops.recall(message, actor);
    if (known && actor) {
      const { actions, snapshot } = known;
      recalled.push({ message, applied: 'unchanged', snapshot, rev: actor.rev, actions, before: snapshot });
    } else {
      busy.add(message.to);
      rest.push(message);
    }
  }
  return { recalled, rest };
}

/** An actor with held events takes those first, so its revision proves nothing. */
const REVISIONS = prepared(`
  select id, rev, created_at::text as life from actors a
  where id = any($1) and parked is null and not exists (select from held_events h where h.actor_id = a.id)`);
