import type { ClientBase, Pool } from 'pg';
import { groupedMessageActor } from '../../machines/shared/actorId.ts';
import { groupedMessageActorSql, messageIdSql, umbrellaActorSql } from '../actors/projections/actorId.ts';
import { childrenOf } from '../actors/projections/anyActor.ts';
import { hasUnfinishedEffect } from '../actors/projections/unfinishedEffect.ts';
import { deleteActors } from './deleteActors.ts';
import { deleteInBatches, type Forgetting } from './deleteInBatches.ts';

/**
 * Deletes grouped messages that ended so many days ago, with their copies for single recipients and with the actors that
 * sent them. Umbrellas live on and number their messages, so no later message has the id of a deleted one. Keeps a message
 * that still matters: an attempt is in doubt, the actor that sends it is busy or parked, or there is an effect under way or
 * a dead letter, for it or for one of its copies. Returns how many messages, and actors without one, it deleted.
 */
export async function forgetGroupedMessages(pool: Pool, options: Forgetting): Promise<number> {
  const messages = await deleteInBatches(pool, options, forgetMessages);
  return messages + (await deleteInBatches(pool, options, forgetActors));
}

async function forgetMessages(client: ClientBase, days: number, limit: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>(FORGETTABLE, [days, limit]);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  const copies = await client.query<{ id: string }>(
    'delete from direct_messages where copy_of = any($1) returning id',
    [ids],
  );
  await client.query('delete from direct_messages where id = any($1)', [ids]);
  const actors = [...rows, ...copies.rows].map(({ id }) => groupedMessageActor(id));
  await deleteActors(client, actors);
  return rows.length;
}

async function forgetActors(client: ClientBase, days: number, limit: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>(WITHOUT_MESSAGE, [days, limit]);
  const actors = rows.map(({ id }) => id);
  if (actors.length > 0) await deleteActors(client, actors);
  return rows.length;
}

const isTooNew = (instant: string): string => `${instant} >= now() - make_interval(days => $1)`;

const isBusy = (actorIds: readonly string[]): string => `(
  exists (select from actors a where a.id in (${actorIds.join(', ')})
    and (a.parked is not null or ${childrenOf('a')} is distinct from '{}') offset 0)
  or exists (select from held_events h where h.actor_id in (${actorIds.join(', ')}) offset 0))`;

/** Message `m`, which its umbrella sends, or an actor of its own. */
function isNeeded(m: string): string {
  const senders = [groupedMessageActorSql(`${m}.id`), umbrellaActorSql(`${m}.source`)];
  return `(${m}.phase = 'attempting'
    or ${isTooNew(`greatest(${m}.created_at, ${m}.attempted_at, ${m}.sent_at, ${m}.handed_over_at)`)}
    or ${isBusy(senders)}
    or ${hasUnfinishedEffect(senders, `e.input->>'id' = ${m}.id`)})`;
}

/** Read from the oldest on; the first three conditions are those of the index. */
const FORGETTABLE = `
  select m.id from direct_messages m
  where m.kind = 'grouped' and m.copy_of is null and m.created_at < now() - make_interval(days => $1)
    and not ${isNeeded('m')}
    and not exists (select from direct_messages c where c.copy_of = m.id and ${isNeeded('c')} offset 0)
  order by m.created_at limit $2 for update of m skip locked`;

/** Of messages that were withheld, in shadow mode for example. */
const WITHOUT_MESSAGE = `
  select a.id from actors a
  where a.kind = 'grouped' and a.updated_at < now() - make_interval(days => $1)
    and a.parked is null and ${childrenOf('a')} = '{}'
    and not exists (select from direct_messages m where m.id = ${messageIdSql('a.id')} offset 0)
    and not exists (select from held_events h where h.actor_id = a.id offset 0)
    and not ${hasUnfinishedEffect(['a.id'], 'true')}
  order by a.updated_at limit $2 for update of a skip locked`;
