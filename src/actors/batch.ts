import type { ClientBase } from 'pg';
import type { AnyMachineSnapshot } from 'xstate';
import { storableJson } from '../db/storable.ts';
import { Conflict, type Message } from './messages.ts';
import { type PersistedSnapshot, type Registry, kindOf } from './registry.ts';
import { hydrate, initial, persist, type Step, Unrestorable } from './step.ts';

/** Writers for what machines say: called once a transaction with everything said, in order. */
export type Writers = Record<string, (client: ClientBase, said: Said[]) => Promise<void>>;

export interface Said {
  actorId: string;
  /** Unique within this actor and step, and the same when the step is repeated. */
  id: string;
  params: unknown;
  at: string;
}

interface Loaded {
  id: string;
  isNew: boolean;
  rev: number;
  parked: string | null;
  newer: boolean;
  snapshot: AnyMachineSnapshot | null;
  dirty: boolean;
}

interface Effect {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: unknown;
  urgent: boolean;
}

/** Everything one transaction will write, gathered first and written one statement a table. */
export function createBatch(client: ClientBase, registry: Registry) {
  let at = '';
  const actors = new Map<string, Loaded>();
  const history: object[] = [];
  const effects = new Map<string, Effect>();
  const cancelled: { actor_id: string; child_id: string; spare: string | null }[] = [];
  const finished: { id: string; status: string; result: unknown }[] = [];
  const timers = new Map<string, { actor_id: string; timer_id: string; event: unknown; due_at: string; rev: number }>();
  const taken = new Map<string, { actor_id: string; timer_id: string }>();
  const held: object[] = [];
  const handedBack: Message[] = [];
  const said = new Map<string, Said[]>();

  /** Locks the rows in the order of their ids, so that two batches never wait for each other in a ring. */
  async function load(ids: string[]): Promise<void> {
    const wanted = ids.filter((id) => !actors.has(id));
    if (wanted.length === 0) return;
    const { rows } = await client.query<{ id: string; rev: number; version: number; parked: string | null; snapshot: PersistedSnapshot }>(
      'select id, rev, version, parked, snapshot from actors where id = any($1) order by id for update',
      [wanted],
    );
    for (const { id, rev, version, parked, snapshot } of rows) {
      const entry = registry.of(id);
      const row: Loaded = { id, isNew: false, rev: Number(rev), parked, newer: version > entry.version, snapshot: null, dirty: false };
      actors.set(id, row);
      if (parked !== null || row.newer) continue;
      try {
        row.snapshot = hydrate(entry, snapshot, version);
      } catch (error) {
        if (!(error instanceof Unrestorable)) throw error;
        park(id, error.message);
      }
    }
    // The clock is read after the first lock, so that instants follow the order in which actors move.
    if (at === '') {
      const now = await client.query<{ at: Date }>('select clock_timestamp() as at');
      at = (now.rows[0]?.at ?? new Date()).toISOString();
    }
    for (const id of wanted) {
      if (actors.has(id)) continue;
      actors.set(id, { id, isNew: true, rev: 0, parked: null, newer: false, snapshot: initial(registry.of(id), id), dirty: false });
    }
  }

  /** An actor that cannot go on keeps its last good snapshot and takes no event until a release can restore it. */
  function park(id: string, reason: string): void {
    const row = actors.get(id);
    if (row) Object.assign(row, { parked: reason, snapshot: null, dirty: false });
    parkings.push({ id, reason });
  }
  const parkings: { id: string; reason: string }[] = [];

  function hold(message: Message, reason: string): void {
    held.push({ actor_id: message.to, event: message, event_id: message.eventId ?? null, reason });
  }

  function apply(row: Loaded, message: Message, step: Step): void {
    const from = row.isNew && row.rev === 0 ? null : row.snapshot?.value;
    row.rev += 1;
    row.dirty = true;
    row.snapshot = step.snapshot;
    history.push({
      actor_id: row.id,
      rev: row.rev,
      event_id: message.eventId ?? null,
      event: message.event,
      from_state: from ?? null,
      to_state: step.snapshot.value,
      at,
    });
    for (const childId of step.stopped) {
      cancelled.push({ actor_id: row.id, child_id: childId, spare: message.effect?.id ?? null });
      for (const [id, effect] of effects) if (effect.actor_id === row.id && effect.child_id === childId) effects.delete(id);
    }
    for (const timerId of step.cancelled) takeBack(row.id, timerId);
    for (const { childId, src, input } of step.effects) {
      const id = `${row.id}:${row.rev}:${childId}`;
      effects.set(id, { id, actor_id: row.id, child_id: childId, src, input, urgent: registry.of(row.id).urgent });
    }
    for (const { timerId, delayMs, event } of step.armed) {
      const key = `${row.id} ${timerId}`;
      taken.delete(key);
      const due_at = new Date(Date.parse(at) + delayMs).toISOString();
      timers.set(key, { actor_id: row.id, timer_id: timerId, event, due_at, rev: row.rev });
    }
    step.says.forEach(({ name, params }, n) => {
      const list = said.get(name) ?? [];
      list.push({ actorId: row.id, id: `${row.id}:${row.rev}:${n}`, params, at });
      said.set(name, list);
    });
  }

  function takeBack(actorId: string, timerId: string): void {
    const key = `${actorId} ${timerId}`;
    timers.delete(key);
    taken.set(key, { actor_id: actorId, timer_id: timerId });
  }

  async function write(writers: Writers): Promise<string[]> {
    const dirty = [...actors.values()].filter((row) => row.dirty);
    const rows = dirty.map((row) => {
      const entry = registry.of(row.id);
      const snapshot = row.snapshot as AnyMachineSnapshot;
      return {
        id: row.id,
        kind: kindOf(row.id),
        version: entry.version,
        rev: row.rev,
        state: snapshot.value,
        snapshot: persist(entry, snapshot),
        is_new: row.isNew,
      };
    });
    if (rows.length > 0) {
      await insertNew(client, rows.filter((row) => row.is_new));
      await run(client, UPDATE_ACTORS, rows.filter((row) => !row.is_new));
    }
    await run(client, INSERT_HISTORY, history);
    await run(client, FINISH_EFFECTS, finished);
    await run(client, CANCEL_EFFECTS, cancelled);
    await run(client, INSERT_EFFECTS, [...effects.values()]);
    await run(client, DELETE_TIMERS, [...taken.values()]);
    await run(client, UPSERT_TIMERS, [...timers.values()]);
    await run(client, HOLD_EVENTS, held);
    await run(client, PARK_ACTORS, parkings);
    await addJobs(client, [
      ...[...effects.values()].map(({ id, urgent }) => effectJob(id, urgent)),
      ...[...timers.values()].map(({ actor_id, timer_id, due_at, rev }) => ({
        identifier: 'timer',
        payload: { actorId: actor_id, timerId: timer_id, rev },
        run_at: due_at,
        job_key: `timer:${actor_id}:${timer_id}`,
        priority: 0,
      })),
      ...(handedBack.length > 0 ? [deliveryJob(handedBack, 1000)] : []),
    ]);
    for (const [name, list] of said) {
      const writer = writers[name];
      if (!writer) throw new Error(`a machine says "${name}", and nobody writes it down`);
      await writer(client, list);
    }
    const changed = dirty.map((row) => row.id);
    for (let i = 0; i < changed.length; i += 50) {
      await client.query("select pg_notify('console', $1)", [JSON.stringify({ actors: changed.slice(i, i + 50) })]);
    }
    return changed;
  }

  return {
    actors,
    instant: () => at,
    load,
    park,
    hold,
    apply,
    write,
    takeBack,
    handBack: (message: Message) => handedBack.push(message),
    finish: (id: string, status: 'done' | 'failed' | 'dead', result: unknown) => finished.push({ id, status, result }),
  };
}

/** Another process may have made the same actor in the meantime; then everything is tried again, with its row. */
async function insertNew(client: ClientBase, rows: { id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await client.query(INSERT_ACTORS, [storableJson(rows)]);
  if (rowCount !== rows.length) throw new Conflict('another process made one of these actors first');
}

async function run(client: ClientBase, sql: string, rows: unknown[]): Promise<void> {
  if (rows.length > 0) await client.query(sql, [storableJson(rows)]);
}

export interface JobSpec {
  identifier: string;
  payload: unknown;
  run_at?: string | null;
  job_key?: string | null;
  priority: number;
}

/** Adds jobs in the transaction of `client`; `run_at` null means at once. */
export async function addJobs(client: ClientBase, jobs: JobSpec[]): Promise<void> {
  if (jobs.length === 0) return;
  await client.query(ADD_JOBS, [JSON.stringify(jobs.map((job) => ({ run_at: null, job_key: null, ...job })))]);
}

export const effectJob = (id: string, urgent: boolean, runAt: string | null = null): JobSpec => ({
  identifier: urgent ? 'urgent_effect' : 'effect',
  payload: { id },
  run_at: runAt,
  job_key: `effect:${id}`,
  priority: urgent ? -10 : 0,
});

export const deliveryJob = (messages: Message[], inMs = 0): JobSpec => ({
  identifier: 'deliver',
  payload: { messages },
  run_at: inMs > 0 ? new Date(Date.now() + inMs).toISOString() : null,
  priority: -5,
});

const INSERT_ACTORS = `
  insert into actors (id, kind, version, rev, state, snapshot)
  select id, kind, version, rev, state, snapshot
  from jsonb_to_recordset($1) as x(id text, kind text, version int, rev bigint, state jsonb, snapshot jsonb)
  order by id
  on conflict (id) do nothing`;
const UPDATE_ACTORS = `
  update actors a set version = x.version, rev = x.rev, state = x.state, snapshot = x.snapshot, updated_at = now()
  from jsonb_to_recordset($1) as x(id text, version int, rev bigint, state jsonb, snapshot jsonb)
  where a.id = x.id`;
const INSERT_HISTORY = `
  insert into actor_history (actor_id, rev, event_id, event, from_state, to_state, at)
  select actor_id, rev, event_id, event, from_state, to_state, at
  from jsonb_to_recordset($1)
    as x(actor_id text, rev bigint, event_id text, event jsonb, from_state jsonb, to_state jsonb, at timestamptz)`;
const FINISH_EFFECTS = `
  update effects e set status = x.status, finished_at = now(),
    result = case when x.status = 'done' then x.result end, error = case when x.status <> 'done' then x.result end
  from jsonb_to_recordset($1) as x(id text, status text, result jsonb)
  where e.id = x.id`;
const CANCEL_EFFECTS = `
  update effects e set status = 'cancelled', finished_at = now()
  from jsonb_to_recordset($1) as x(actor_id text, child_id text, spare text)
  where e.actor_id = x.actor_id and e.child_id = x.child_id and e.id is distinct from x.spare
    and e.status in ('pending', 'running')`;
const INSERT_EFFECTS = `
  insert into effects (id, actor_id, child_id, src, input)
  select id, actor_id, child_id, src, coalesce(input, 'null'::jsonb)
  from jsonb_to_recordset($1) as x(id text, actor_id text, child_id text, src text, input jsonb)`;
const DELETE_TIMERS = `
  delete from timers t using jsonb_to_recordset($1) as x(actor_id text, timer_id text)
  where t.actor_id = x.actor_id and t.timer_id = x.timer_id`;
const UPSERT_TIMERS = `
  insert into timers (actor_id, timer_id, event, due_at, rev)
  select actor_id, timer_id, event, due_at, rev
  from jsonb_to_recordset($1) as x(actor_id text, timer_id text, event jsonb, due_at timestamptz, rev bigint)
  on conflict (actor_id, timer_id) do update set event = excluded.event, due_at = excluded.due_at, rev = excluded.rev`;
const HOLD_EVENTS = `
  insert into held_events (actor_id, event, event_id, reason)
  select actor_id, event, event_id, reason
  from jsonb_to_recordset($1) as x(actor_id text, event jsonb, event_id text, reason text)`;
const PARK_ACTORS = `
  update actors a set parked = x.reason, updated_at = now()
  from jsonb_to_recordset($1) as x(id text, reason text) where a.id = x.id`;
const ADD_JOBS = `
  select graphile_worker.add_jobs(array(
    select row(identifier, payload, null, coalesce(run_at, now()), 25::smallint, job_key, priority, null)::graphile_worker.job_spec
    from jsonb_to_recordset($1)
      as x(identifier text, payload json, run_at timestamptz, job_key text, priority smallint)))`;
