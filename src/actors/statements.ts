import type { ClientBase } from 'pg';
import { rowsFromJson } from '../db/jsonRows.ts';
import { type Prepared, prepared, queryPrepared } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import { Conflict } from './messages.ts';

/** The statements that write a batch: one per table, however many rows. */

/** Another process may have created the same actor meanwhile; the whole transaction is then repeated, with its row. */
export async function insertNew(client: ClientBase, rows: { id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await queryPrepared(client, INSERT_ACTORS, [storableJson(rows)]);
  if (rowCount !== rows.length) throw new Conflict('another process created one of these actors first');
}

export async function run(client: ClientBase, statement: Prepared, rows: unknown[]): Promise<void> {
  if (rows.length > 0) await queryPrepared(client, statement, [storableJson(rows)]);
}

/** The history of the effect `e` with one more entry; only the newest fifty entries are kept. */
export const withEntry = (entry: string): string =>
  `jsonb_path_query_array(e.history || jsonb_build_array(${entry}), '$[last - 49 to last]')`;

/** The same for a failed attempt. */
export const withTry = (error: string): string =>
  withEntry(`jsonb_build_object('at', clock_timestamp(), 'what', 'failed', 'attempt', e.attempts, 'error', ${error})`);

const STORED = 'select id, rev, created_at::text as life, version, parked, snapshot from actors where id = any($1)';
export const LOCK_IN_ORDER = prepared(`${STORED} order by id for update`);
export const LOCK_PARKED = `${STORED} and parked is not null for update`;
export const CLOCK_AND_HELD = prepared(`
  select clock_timestamp() as at, exists (select from held_events where actor_id = any($1)) as has_held`);
export const TAKE_HELD = `
  with taken as (delete from held_events where actor_id = any($1) returning id, event)
  select event from taken order by id`;
const INSERT_ACTORS = prepared(`
  insert into actors (id, kind, version, rev, state, snapshot)
  select id, kind, version, rev, state, snapshot
  from ${rowsFromJson('id text, kind text, version int, rev bigint, state jsonb, snapshot jsonb')}
  order by id
  on conflict (id) do nothing`);
export const UPDATE_ACTORS = prepared(`
  update actors a set version = x.version, rev = x.rev, state = x.state, snapshot = x.snapshot, updated_at = now()
  from ${rowsFromJson('id text, version int, rev bigint, state jsonb, snapshot jsonb')}
  where a.id = x.id`);
export const INSERT_HISTORY = prepared(`
  insert into actor_history (actor_id, rev, event_id, event, from_state, to_state, at)
  select actor_id, rev, event_id, event, from_state, to_state, at
  from ${rowsFromJson('actor_id text, rev bigint, event_id text, event jsonb, from_state jsonb, to_state jsonb, at timestamptz')}`);
export const FINISH_EFFECTS = prepared(`
  update effects e set status = x.status, finished_at = now(), attempts = greatest(e.attempts, 1),
    started_at = coalesce(e.started_at, now()), result = case when x.status = 'done' then x.result end, error = case when x.status <> 'done' then x.result end,
    history = case when x.status = 'dead' then ${withTry('x.result')} else e.history end
  from ${rowsFromJson('id text, status text, result jsonb')}
  where e.id = x.id`);
export const CANCEL_EFFECTS = prepared(`
  update effects e set status = 'cancelled', finished_at = now()
  from ${rowsFromJson('actor_id text, child_id text, spare text')}
  where e.actor_id = x.actor_id and e.child_id = x.child_id and e.id is distinct from x.spare
    and e.status in ('pending', 'running')`);
export const INSERT_EFFECTS = prepared(`
  insert into effects (id, actor_id, child_id, src, input, version, status, attempts, started_at, undecided)
  select id, actor_id, child_id, src, coalesce(input, 'null'::jsonb), version,
    case when begun then 'running' else 'pending' end, begun::int, case when begun then now() end, not begun
  from ${rowsFromJson('id text, actor_id text, child_id text, src text, input jsonb, version int, begun boolean')}`);
export const DELETE_TIMERS = prepared(`
  delete from timers t using ${rowsFromJson('actor_id text, timer_id text')}
  where t.actor_id = x.actor_id and t.timer_id = x.timer_id`);
export const UPSERT_TIMERS = prepared(`
  insert into timers (actor_id, timer_id, event, due_at, rev)
  select actor_id, timer_id, event, due_at, rev
  from ${rowsFromJson('actor_id text, timer_id text, event jsonb, due_at timestamptz, rev bigint')}
  on conflict (actor_id, timer_id) do update set event = excluded.event, due_at = excluded.due_at, rev = excluded.rev`);
export const HOLD_EVENTS = prepared(`
  insert into held_events (actor_id, event, event_id, reason)
  select actor_id, event, event_id, reason
  from ${rowsFromJson('actor_id text, event jsonb, event_id text, reason text')}`);
export const REVIVE_ACTORS = 'update actors set parked = null where id = any($1)';
export const PARK_ACTORS = prepared(`
  update actors a set parked = x.reason, updated_at = now()
  from ${rowsFromJson('id text, reason text')} where a.id = x.id`);
