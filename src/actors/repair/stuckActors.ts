import { randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { AnyMachineSnapshot } from 'xstate';
import { kindOf } from '../../../machines/shared/actorId.ts';
import { transaction } from '../../db/pool.ts';
import { storableJson } from '../../db/storable.ts';
import { addJobs, effectJob, LIVE_JOB, timerJob } from '../enqueue.ts';
import { childrenOf } from '../projections/anyActor.ts';
import type { PersistedSnapshot, Registry } from '../registry.ts';
import { UPSERT_TIMERS } from '../statements.ts';
import { hydrate, persist } from '../step.ts';
import { requeueInboxes } from './inboxes.ts';
import type { Repair } from './repair.ts';
import { requiredTimers, type TimerPlace } from './requiredTimers.ts';

/** Writes down what was mended, in the transaction that does it. */
export type RecordRepairs = (client: ClientBase, mended: Repair[]) => Promise<void>;

/** More wait for the next time. */
const AT_ONCE = 500;

/**
 * Sets actors going again that wait for something which nobody does any more: an effect or a timer whose row or job is
 * gone, or messages that nobody takes to them. The row and its job are written in one transaction, so that this is an
 * accident, a restored backup or a fault.
 */
export async function repairStuckActors(pool: Pool, registry: Registry, record: RecordRepairs): Promise<Repair[]> {
  const places = registry.all.flatMap(({ kind, machine }) => requiredTimers(machine).map((place) => ({ kind, place })));
  return transaction(pool, async (client) => {
    // Whoever comes second looks after the first has committed, and finds nothing.
    await client.query("select pg_advisory_xact_lock(hashtextextended('mend stuck actors', 0))");
    const mended = [
      ...(await requeueEffects(client, registry)),
      ...(await restartEffects(client, registry)),
      ...(await requeueTimers(client, registry)),
      ...(await restartTimers(client, registry, places)),
      ...(await requeueInboxes(client, registry)),
    ];
    if (mended.length > 0) await record(client, mended);
    return mended;
  });
}

/** An actor of a newer release is left to a process of that release. */
const isOurs = (registry: Registry, actorId: string, version: number): boolean =>
  registry.all.some((entry) => entry.kind === kindOf(actorId) && version <= entry.version);

/** Asks, locks the actors in the order in which deliveries do, and asks again: what moved meanwhile is not stuck. */
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

async function requeueEffects(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const rows = await lockedStuck<{ id: string; actor_id: string; version: number; next_at: Date | null }>(
    client,
    EFFECTS_WITHOUT_JOB,
  );
  const ours = rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version));
  await addJobs(
    client,
    ours.map(({ id, actor_id, next_at }) => effectJob(id, registry.of(actor_id), next_at?.toISOString() ?? null)),
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
 * What an actor waits for stands in its snapshot, input included. The new effect counts as one that was tried before:
 * what became of the old one is not known, so it looks first.
 */
async function restartEffects(client: ClientBase, registry: Registry): Promise<Repair[]> {
  const rows = await lockedStuck<Waiting & { missing: string[] }>(client, ACTORS_WITHOUT_EFFECT);
  const mended: Repair[] = [];
  for (const row of rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version))) {
    const actorId = row.actor_id;
    const restored = restore(registry, row);
    const children = restored ? persist(registry.of(actorId), restored).children : {};
    for (const childId of row.missing) {
      const child = children[childId] as { src?: unknown; snapshot?: { input?: unknown } } | undefined;
      if (typeof child?.src !== 'string') continue;
      // Never an id that was used before: its result could stand in the history, and would not count.
      const id = `${actorId}:${row.rev}:${childId}:${randomBytes(4).toString('hex')}`;
      const input = storableJson(child.snapshot?.input ?? null);
      await client.query(GIVE_UP_DEAD, [actorId, childId]);
      await client.query(RESTART_EFFECT, [id, actorId, childId, child.src, input]);
      await addJobs(client, [effectJob(id, registry.of(actorId))]);
      mended.push({ what: 'effect_restarted', actorId, details: { effect_id: id } });
    }
  }
  return mended;
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

/** When it was armed is forgotten, so it waits its whole time from now on. */
async function restartTimers(
  client: ClientBase,
  registry: Registry,
  places: { kind: string; place: TimerPlace }[],
): Promise<Repair[]> {
  const mended: Repair[] = [];
  for (const { kind, place } of places) {
    const about = [kind, place.timerId, ...place.paths];
    const rows = await lockedStuck<Waiting & { at: Date }>(client, ACTORS_WITHOUT_TIMER, about);
    for (const row of rows.filter(({ actor_id, version }) => isOurs(registry, actor_id, version))) {
      const { actor_id, rev } = row;
      const restored = restore(registry, row);
      if (!restored) continue;
      const due_at = new Date(row.at.getTime() + place.delayMs(restored)).toISOString();
      const timer = { actor_id, timer_id: place.timerId, event: { type: place.timerId }, due_at, rev };
      await client.query(UPSERT_TIMERS, [storableJson([timer])]);
      await addJobs(client, [timerJob(actor_id, place.timerId, rev, due_at)]);
      mended.push({ what: 'timer_restarted', actorId: actor_id, details: { timer_id: place.timerId } });
    }
  }
  return mended;
}

/** One that cannot be restored is parked at its next event, and told then. */
function restore(registry: Registry, { actor_id, snapshot, version }: Waiting): AnyMachineSnapshot | null {
  try {
    return hydrate(registry.of(actor_id), snapshot, version);
  } catch {
    return null;
  }
}

const AMONG = '($1::text[] is null or a.id = any($1))';
const EFFECTS_WITHOUT_JOB = `
  select e.id, e.actor_id, e.next_at, a.version from effects e join actors a on a.id = e.actor_id
  where e.status in ('pending', 'running') and a.parked is null and ${AMONG}
    and not exists (select 1 from graphile_worker._private_jobs j where j.key = 'effect:' || e.id and (${LIVE_JOB}))
  order by e.created_at limit ${AT_ONCE}`;
const MISSING = `
  select child from jsonb_object_keys(${childrenOf('a')}) as child
  where not exists (select 1 from effects e where e.actor_id = a.id and e.child_id = child
                      and e.status in ('pending', 'running'))`;
const ACTORS_WITHOUT_EFFECT = `
  select a.id as actor_id, a.rev, a.version, a.snapshot, array(${MISSING}) as missing from actors a
  where ${childrenOf('a')} <> '{}'::jsonb and a.parked is null and ${AMONG} and exists (${MISSING})
  order by a.id limit ${AT_ONCE}`;
/** It would stand among the dead letters although it is done anew. */
const GIVE_UP_DEAD = `
  update effects set status = 'cancelled' where status = 'dead' and id = (
    select id from effects where actor_id = $1 and child_id = $2 order by created_at desc, id desc limit 1)`;
const RESTART_EFFECT = `
  insert into effects (id, actor_id, child_id, src, input, attempts) values ($1, $2, $3, $4, $5, 1)`;
const TIMERS_WITHOUT_JOB = `
  select t.actor_id, t.timer_id, t.rev, t.due_at, a.version from timers t join actors a on a.id = t.actor_id
  where a.parked is null and ${AMONG} and not exists (
    select 1 from graphile_worker._private_jobs j where j.key = 'timer:' || t.actor_id || ':' || t.timer_id and (${LIVE_JOB}))
  order by t.due_at limit ${AT_ONCE}`;
const ACTORS_WITHOUT_TIMER = `
  select a.id as actor_id, a.rev, a.version, a.snapshot, clock_timestamp() as at from actors a
  where a.kind = $2 and a.parked is null and ${AMONG} and (a.state @? $4::jsonpath or a.state @? $5::jsonpath)
    and not exists (select 1 from timers t where t.actor_id = a.id and t.timer_id = $3)
  order by a.id limit ${AT_ONCE}`;
