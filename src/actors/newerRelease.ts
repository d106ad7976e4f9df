import type { Pool } from 'pg';
import { EFFECT, INBOX, namesUpTo, URGENT_EFFECT } from './enqueue.ts';
import type { Registry } from './registry.ts';

/** What waits for a process of a newer release, because this one does not know it. */
export interface WaitingForNewer {
  /** Actors with events that wait. */
  actors: number;
  /** Effects that wait. */
  effects: number;
  /** Kinds of actors and the versions of their machines, such as `alert 4`. */
  kinds: string[];
}

/** Null if nothing waits. During a deploy something may wait for a moment; after a rollback it waits for good. */
export async function waitingForNewer(pool: Pool, registry: Registry): Promise<WaitingForNewer | null> {
  const known = [EFFECT, URGENT_EFFECT, INBOX].flatMap((job) => namesUpTo(job, registry.all));
  const versions = Object.fromEntries(registry.all.map(({ kind, version }) => [kind, version]));
  const { rows } = await pool.query<WaitingForNewer>(WAITING, [JSON.stringify(versions), known]);
  const waiting = rows[0];
  return waiting && waiting.actors + waiting.effects > 0 ? waiting : null;
}

/** A sentence for operators. */
export function newerSentence({ actors, effects, kinds }: WaitingForNewer): string {
  const count = (n: number, one: string) => (n === 0 ? [] : [`${n} ${one}${n === 1 ? '' : 's'}`]);
  const what = [...count(actors, 'actor'), ...count(effects, 'effect')].join(' and ');
  return `${what} of a newer release (${kinds.join(', ')}) ${actors + effects === 1 ? 'waits' : 'wait'} for a process of that release. Start one, or complete the deploy.`;
}

/** An effect is named by the job that runs it: `effect`, the kind of its actor, the version of its machine. */
const WAITING = `
  with held as (
    select distinct a.id, a.kind, a.version from held_events h join actors a on a.id = h.actor_id
    where a.parked is null and a.version > coalesce(($1::jsonb->>a.kind)::int, 0)
  ), jobs as (
    select split_part(t.identifier, ' ', 2) as kind, split_part(t.identifier, ' ', 3) as version
    from graphile_worker._private_tasks t join graphile_worker._private_jobs j on j.task_id = t.id
    where t.identifier ~ '^(urgent_)?effect ' and t.identifier <> all($2) and j.is_available
  )
  select (select count(*)::int from held) as actors, (select count(*)::int from jobs) as effects,
    array(select kind || ' ' || version from held union select kind || ' ' || version from jobs order by 1) as kinds`;
