import { randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { kindOf } from '../../../machines/shared/actorId.ts';
import { transaction } from '../../db/pool.ts';
import { storableJson } from '../../db/storable.ts';
import { addJobs, effectJob, LIVE_JOB, timerJob } from '../enqueue.ts';
import { rowsOf, withRows } from '../longLists.ts';
import { childrenOf } from '../projections/anyActor.ts';
import type { PersistedSnapshot, Registry } from '../registry.ts';
import { run, UPSERT_TIMERS } from '../statements.ts';
import { hydrate, persist } from '../step.ts';
import { requeueInboxes } from './inboxes.ts';
import type { Repair } from './repair.ts';
import { requiredTimers, type TimerPlace } from './requiredTimers.ts';

/** Records the repairs, in the transaction that makes them. */
export type RecordRepairs = (client: ClientBase, repairs: Repair[]) => Promise<void>;

/** Further ones are repaired in the next run. */
const MAX_ROWS = 500;

/**
 * Repairs actors that wait for something that will never happen: an effect or a timer whose row or job is missing, or
 * inbox messages without a job. Row and job are written in one transaction, so this needs a restored backup, a manual
 * change or a bug.
 */
export async function repairStuckActors(pool: Pool, registry: Registry, record: RecordRepairs): Promise<Repair[]> {
  const places = registry.all.flatMap(({ kind, machine }) => requiredTimers(machine).map((place) => ({ kind, place })));
  return transaction(pool, async (client) => {
    // A second process looks after the first has committed, and finds nothing to repair.
    await client.query("select pg_advisory_xact_lock(hashtextextended('mend stuck actors', 0))");
    const repairs = [
      ...(await requeueEffects(client, registry)),
      ...(await restartEffects(client, registry)),
      ...(await requeueTimers(client, registry)),
      ...(await restartTimers(client, registry, places)),
      ...(await requeueInboxes(client, registry)),
    ];
    if (repairs.length > 0) await record(client, repairs);
    return repairs;
  });
}

/** An actor of a newer release is left to a process of that release. */
const isOurs = (registry: Registry, actorId: string, version: number): boolean =>
  registry.all.some((entry) => entry.kind === kindOf(actorId) && version <= entry.version);

/** Queries, locks the actors in the order of deliveries, and queries again: an actor that moved meanwhile is not stuck. */
async function lockedStuck<T extends { actor_id: string }>(
  client: ClientBase,
  sql: string,
  about: string[] = [],
): Promise<T[]> {
  const { rows } = await client.query<T>(sql, [null, ...about]);
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map(({ actor_id }) => actor_id))];
  await client.query('select 1 from actors where id = any($1) order by id for update', [ids]);
  return (await client.query<T>(sql, [ids, ...about])).rows;
}

interface StuckEffect {
  id: string;
  actor_id: string;
  /** Version of the actor. */
  version: number;
  /** Version of the machine that asked for the effect. */
  asked_by: number | null;
  next_at: Date | null;
}

async function requeueEffects(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const rows = await lockedStuck<StuckEffect>(client, EFFECTS_WITHOUT_JOB);
  const ours = rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version));
  await addJobs(
    client,
    ours.map(({ id, actor_id, asked_by, next_at }) =>
      effectJob(id, registry.of(actor_id), asked_by, { runAt: next_at?.toISOString() ?? null }),
    ),
  );
  return ours.map(({ id, actor_id }) => ({ what: 'effect_requeued', actorId: actor_id, details: { effect_id: id } }));
}

interface Waiting {
  actor_id: string;
  rev: number;
  version: number;
  snapshot: PersistedSnapshot;
}

/**
 * The snapshot of an actor names the effects that it waits for, with their input. The new effect counts as attempted
 * before, because the result of the old one is unknown: it looks for that result first.
 */
async function restartEffects(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const rows = await lockedStuck<Waiting & { missing: string[] }>(client, ACTORS_WITHOUT_EFFECT);
  const repairs: Repair[] = [];
  for (const row of rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version))) {
    const actorId = row.actor_id;
    const restored = await restore(client, registry, row);
    const children = restored ? persist(registry.of(actorId), restored).children : {};
    for (const childId of row.missing) {
      const child = children[childId] as { src?: unknown; snapshot?: { input?: unknown } } | undefined;
      if (typeof child?.src !== 'string') continue;
      // Never an id that was used before: its result could be in the history, and would be ignored as a duplicate.
      const id = `${actorId}:${row.rev}.${randomBytes(4).toString('hex')}:${childId}`;
      const input = storableJson(child.snapshot?.input ?? null);
      await client.query(CANCEL_DEAD, [actorId, childId]);
      const entry = registry.of(actorId);
      await client.query(RESTART_EFFECT, [id, actorId, childId, child.src, input, entry.version]);
      await addJobs(client, [effectJob(id, entry, entry.version)]);
      repairs.push({ what: 'effect_restarted', actorId, details: { effect_id: id } });
    }
  }
  return repairs;
}

async function requeueTimers(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const rows = await lockedStuck<{ actor_id: string; timer_id: string; rev: number; due_at: Date; version: number }>(
    client,
    TIMERS_WITHOUT_JOB,
  );
  const ours = rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version));
  await addJobs(
    client,
    ours.map(({ actor_id, timer_id, rev, due_at }) => timerJob(actor_id, timer_id, rev, due_at.toISOString())),
  );
  return ours.map(({ actor_id, timer_id }) => ({
    what: 'timer_requeued',
    actorId: actor_id,
    details: { timer_id },
  }));
}

/** The time at which the timer was armed is lost, so it runs its full time from now on. */
async function restartTimers(
  client: ClientBase,
  registry: Registry,
  places: { kind: string; place: TimerPlace }[],
): Promise<Repair[]> {
  const repairs: Repair[] = [];
  for (const { kind, place } of places) {
    const about = [kind, place.timerId, ...place.paths];
    const rows = await lockedStuck<Waiting & { at: Date }>(client, ACTORS_WITHOUT_TIMER, about);
    for (const row of rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version))) {
      const { actor_id, rev } = row;
      const restored = await restore(client, registry, row);
      if (!restored) continue;
      const due_at = new Date(row.at.getTime() + place.delayMs(restored)).toISOString();
      const timer = { actor_id, timer_id: place.timerId, event: { type: place.timerId }, due_at, rev };
      await run(client, UPSERT_TIMERS, [timer]);
      await addJobs(client, [timerJob(actor_id, place.timerId, rev, due_at)]);
      repairs.push({ what: 'timer_restarted', actorId: actor_id, details: { timer_id: place.timerId } });
    }
  }
  return repairs;
}

/** Null if it cannot be restored; such an actor is parked and reported at its next event. */
async function restore(client: ClientBase, registry: Registry, { actor_id: id, snapshot, version }: Waiting) {
  const entry = registry.of(id);
  const rows = await rowsOf(client, entry, id);
  try {
    return hydrate(entry, withRows(entry, snapshot, rows), version);
  } catch {
    return null;
  }
}

const AMONG = '($1::text[] is null or a.id = any($1))';
const EFFECTS_WITHOUT_JOB = `
  select e.id, e.actor_id, e.next_at, a.version, e.version as asked_by from effects e join actors a on a.id = e.actor_id
  where e.status in ('pending', 'running') and a.parked is null and ${AMONG}
    and not exists (select 1 from graphile_worker._private_jobs j where j.key = 'effect:' || e.id and (${LIVE_JOB}))
  order by e.created_at limit ${MAX_ROWS}`;
const MISSING = `
  select child from jsonb_object_keys(${childrenOf('a')}) as child
  where not exists (select 1 from effects e where e.actor_id = a.id and e.child_id = child
                      and e.status in ('pending', 'running'))`;
const ACTORS_WITHOUT_EFFECT = `
  select a.id as actor_id, a.rev, a.version, a.snapshot, array(${MISSING}) as missing from actors a
  where ${childrenOf('a')} <> '{}'::jsonb and a.parked is null and ${AMONG} and exists (${MISSING})
  order by a.id limit ${MAX_ROWS}`;
/** Otherwise it would stay among the dead letters although it is attempted again. */
const CANCEL_DEAD = `
  update effects set status = 'cancelled' where status = 'dead' and id = (
    select id from effects where actor_id = $1 and child_id = $2 order by created_at desc, id desc limit 1)`;
const RESTART_EFFECT = `
  insert into effects (id, actor_id, child_id, src, input, version, attempts) values ($1, $2, $3, $4, $5, $6, 1)`;
const TIMERS_WITHOUT_JOB = `
  select t.actor_id, t.timer_id, t.rev, t.due_at, a.version from timers t join actors a on a.id = t.actor_id
  where a.parked is null and ${AMONG} and not exists (
    select 1 from graphile_worker._private_jobs j where j.key = 'timer:' || t.actor_id || ':' || t.timer_id and (${LIVE_JOB}))
  order by t.due_at limit ${MAX_ROWS}`;
const ACTORS_WITHOUT_TIMER = `
  select a.id as actor_id, a.rev, a.version, a.snapshot, clock_timestamp() as at from actors a
  where a.kind = $2 and a.parked is null and ${AMONG} and (a.state @? $4::jsonpath or a.state @? $5::jsonpath)
    and not exists (select 1 from timers t where t.actor_id = a.id and t.timer_id = $3)
  order by a.id limit ${MAX_ROWS}`;
