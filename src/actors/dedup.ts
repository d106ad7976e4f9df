import type { ClientBase } from 'pg';
import { rowsFromJson } from '../db/jsonRows.ts';
import type { Message } from './messages.ts';

/** Which events of a wave must not be applied. */
export interface Duplicates {
  isDuplicate(message: Message): boolean;
  isStale(message: Message): boolean;
}

/** Finds events that were applied already, and results of effects and timers that have been cancelled since. */
export async function findDuplicates(client: ClientBase, messages: Message[]): Promise<Duplicates> {
  const keyed = messages.filter((message) => message.eventId !== undefined);
  const seen = new Set<string>();
  if (keyed.length > 0) {
    const { rows } = await client.query<{ key: string }>(
      `select h.actor_id || ' ' || h.event_id as key from actor_history h
       join ${rowsFromJson('actor_id text, event_id text')}
         on h.actor_id = x.actor_id and h.event_id = x.event_id`,
      [JSON.stringify(keyed.map(({ to, eventId }) => ({ actor_id: to, event_id: eventId })))],
    );
    for (const { key } of rows) seen.add(key);
  }
  const unfinished = await existingKeys(
    client,
    "select id as key from effects where id = any($1) and status in ('pending', 'running')",
    messages.flatMap(({ effect }) => (effect ? [effect.id] : [])),
  );
  const armed = await existingKeys(
    client,
    `select t.actor_id || ' ' || t.timer_id || ' ' || t.rev as key from timers t
     join ${rowsFromJson('actor_id text, timer_id text, rev bigint')} using (actor_id, timer_id, rev)`,
    messages.flatMap(({ to, timer }) => (timer ? [{ actor_id: to, timer_id: timer.id, rev: timer.rev }] : [])),
    JSON.stringify,
  );
  return {
    isDuplicate(message) {
      if (message.eventId === undefined) return false;
      const key = `${message.to} ${message.eventId}`;
      if (seen.has(key)) return true;
      seen.add(key);
      return false;
    },
    isStale: (message) =>
      (message.effect !== undefined && !unfinished.has(message.effect.id)) ||
      (message.timer !== undefined && !armed.has(timerKey(message))),
  };
}

const timerKey = ({ to, timer }: Message): string => `${to} ${timer?.id} ${timer?.rev}`;

async function existingKeys<K>(
  client: ClientBase,
  sql: string,
  keys: K[],
  toParameter: (keys: K[]) => unknown = (same) => same,
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await client.query<{ key: string }>(sql, [toParameter(keys)]);
  return new Set(rows.map(({ key }) => key));
}
