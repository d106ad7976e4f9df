import type { ClientBase } from 'pg';
import { rowsFromJson } from '../db/jsonRows.ts';
import { pipelineAll } from '../db/pipeline.ts';
import { type Prepared, prepared, queryPrepared } from '../db/prepared.ts';
import type { Message } from './messages.ts';

/** Which events of a wave must not be applied. */
export interface Duplicates {
  /**
   * Looks for these events before they are judged. Sent behind the statement that locks their actors: each statement sees
   * what was committed before it began, so this one sees what another transaction did with them until then.
   */
  look(messages: readonly Message[]): Promise<void>;
  isDuplicate(message: Message): boolean;
  isStale(message: Message): boolean;
}

/** Finds events that were applied already, and results of effects and timers that have been cancelled since. */
export function createDuplicates(client: ClientBase): Duplicates {
  const seen = new Set<string>();
  const unfinished = new Set<string>();
  const armed = new Set<string>();
  return {
    async look(messages) {
      const keyed = messages.filter((message) => message.eventId !== undefined);
      const effects = messages.flatMap(({ effect }) => (effect ? [effect.id] : []));
      const timers = messages.flatMap(({ to, timer }) =>
        timer ? [{ actor_id: to, timer_id: timer.id, rev: timer.rev }] : [],
      );
      const applied = JSON.stringify(keyed.map(({ to, eventId }) => ({ actor_id: to, event_id: eventId })));
      await pipelineAll(client, [
        ...(keyed.length > 0 ? [() => addKeys(seen, client, APPLIED, applied)] : []),
        ...(effects.length > 0 ? [() => addKeys(unfinished, client, UNFINISHED, effects)] : []),
        ...(timers.length > 0 ? [() => addKeys(armed, client, ARMED, JSON.stringify(timers))] : []),
      ]);
    },
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

async function addKeys(keys: Set<string>, client: ClientBase, statement: Prepared, value: unknown): Promise<void> {
  const { rows } = await queryPrepared<{ key: string }>(client, statement, [value]);
  for (const { key } of rows) keys.add(key);
}

const APPLIED = prepared(`
  select h.actor_id || ' ' || h.event_id as key from actor_history h
  join ${rowsFromJson('actor_id text, event_id text')} on h.actor_id = x.actor_id and h.event_id = x.event_id`);
const UNFINISHED = prepared("select id as key from effects where id = any($1) and status in ('pending', 'running')");
const ARMED = prepared(`
  select t.actor_id || ' ' || t.timer_id || ' ' || t.rev as key from timers t
  join ${rowsFromJson('actor_id text, timer_id text, rev bigint')} using (actor_id, timer_id, rev)`);
