import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase, Pool } from 'pg';
import { ageSeconds } from '../db/age.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import type { Log } from '../log/log.ts';
import type { EffectRow } from './effectResult.ts';
import { type JobSpec, MAX_ATTEMPTS } from './enqueue.ts';

/** An effect whose job this process has claimed; `job_id` null if a worker of the queue holds the job. */
export type ClaimedEffect = EffectRow & { job_id: number | null };

/**
 * Claims the jobs of effects for this process, many in one statement, past the workers of the queue: a claimed job is
 * locked like one that a worker runs, so it belongs to one process at a time. A claim ends with {@link JobClaims.complete}
 * or {@link JobClaims.release}; both are repeated until the database has accepted them.
 */
export interface JobClaims {
  /** Claims up to `limit` effects that nothing has looked at yet, oldest first; adds those of the effects `offered`. */
  takeUndecided(limit: number, offered: readonly string[]): Promise<ClaimedEffect[]>;
  /**
   * Adds jobs in the transaction of `client` that are claimed from their beginning, so that no worker looks for them. Returns
   * their ids by key. They have to be released if the transaction fails.
   */
  addClaimed(client: ClientBase, jobs: readonly JobSpec[]): Promise<Map<string, number>>;
  /** Deletes the jobs of effects that have ended, or have another job by now. */
  complete(effects: readonly ClaimedEffect[]): Promise<void>;
  /** Returns the effects to the queue, where each runs alone after `inMs`. */
  release(effects: readonly ClaimedEffect[], inMs?: number): Promise<void>;
  /** Returns claims of which this process does not know, because the answer to their statement or commit was lost. */
  freeForgotten(): Promise<void>;
}

const RETRY_MS = 500;

export function createJobClaims(deps: {
  pool: Pool;
  owner: () => string;
  /** Names of the effects that batches can decide. */
  decidable: readonly string[];
  /** Names of the jobs that batches may take. */
  jobNames: readonly string[];
  log: Log;
  signal: AbortSignal;
}): JobClaims {
  const { pool, owner, log, signal } = deps;
  /** Jobs with a claim that has not ended. */
  const held = new Set<number>();
  /** All names under which this process has claimed jobs. */
  const names = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  /** One claim at a time, so that no claim is under way while forgotten ones are freed. */
  function claim(sql: string, values: unknown[]): Promise<ClaimedEffect[]> {
    const claimed = turn.then(() => claimNow(sql, values));
    turn = claimed.catch(() => undefined);
    return claimed;
  }

  async function claimNow(sql: string, values: unknown[]): Promise<ClaimedEffect[]> {
    try {
      const { rows } = await pool.query<ClaimedEffect>(sql, [nameNow(), ...values]);
      for (const { job_id } of rows) if (job_id !== null) held.add(job_id);
      return rows;
    } catch (error) {
      await freeForgotten();
      throw error;
    }
  }

  function nameNow(): string {
    const me = owner();
    names.add(me);
    return me;
  }

  async function addClaimed(client: ClientBase, jobs: readonly JobSpec[]): Promise<Map<string, number>> {
    const added = await insertClaimed(client, jobs);
    const missing = jobs.filter(({ job_key }) => !added.some(({ key }) => key === job_key));
    if (missing.length > 0) {
      await client.query(ADD_NAMES, [[...new Set(missing.map(({ identifier }) => identifier))]]);
      added.push(...(await insertClaimed(client, missing)));
    }
    if (added.length < jobs.length) throw new Error('not every effect of this transaction got its job');
    // The transaction commits after that, so these claims never count as forgotten.
    for (const { id } of added) held.add(id);
    return new Map(added.map(({ id, key }) => [key, id]));
  }

  async function insertClaimed(client: ClientBase, jobs: readonly JobSpec[]): Promise<{ id: number; key: string }[]> {
    const { rows } = await queryPrepared<{ id: number; key: string }>(client, ADD_CLAIMED, [
      storableJson(jobs),
      nameNow(),
    ]);
    return rows;
  }

  const freeForgotten = () =>
    untilDone(async () => {
      const { rows } = await pool.query<{ id: number }>(CLAIMED_BY, [[...names]]);
      // Compared only now: a claim that the statement saw was held before its transaction committed.
      const forgotten = rows.map(({ id }) => id).filter((id) => !held.has(id));
      if (forgotten.length > 0) await pool.query(RELEASE, [forgotten, [], 0, [...names]]);
    });

  /** Repeats what ends claims; what a stopping process leaves is taken over. */
  async function untilDone(work: () => Promise<unknown>): Promise<void> {
    do {
      try {
        await work();
        return;
      } catch (error) {
        log.debug({ err: error }, 'jobs of effects are still claimed; will retry');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    } while (!signal.aborted);
  }

  async function complete(effects: readonly ClaimedEffect[]): Promise<void> {
    const jobIds = effects.flatMap(({ job_id }) => job_id ?? []);
    if (jobIds.length > 0) await untilDone(() => queryPrepared(pool, COMPLETE, [jobIds, [...names]]));
    for (const id of jobIds) held.delete(id);
  }

  async function release(effects: readonly ClaimedEffect[], inMs = 0): Promise<void> {
    if (effects.length === 0) return;
    const jobIds = effects.flatMap(({ job_id }) => job_id ?? []);
    const ids = effects.map(({ id }) => id);
    await untilDone(() => pool.query(RELEASE, [jobIds, ids, inMs, [...names]]));
    for (const id of jobIds) held.delete(id);
  }

  return {
    takeUndecided: (limit, offered) => claim(TAKE_UNDECIDED, [deps.decidable, deps.jobNames, limit, offered]),
    addClaimed,
    complete,
    release,
    freeForgotten() {
      const freed = turn.then(freeForgotten);
      turn = freed;
      return freed;
    },
  };
}

const JOBS = 'graphile_worker._private_jobs';
const COLUMNS = `e.id, e.actor_id, e.child_id, e.src, coalesce(e.edited, e.input) as input, e.attempts, e.version,
  e.replayed, ${ageSeconds('e.created_at')} * 1000 as age_ms`;
const LOCK_DUE = `
  update ${JOBS} j set locked_by = $1, locked_at = now(), attempts = j.attempts + 1 from due where j.id = due.job_id`;

const TAKE_UNDECIDED = `
  with due as (
    select e.id, j.id as job_id from effects e join ${JOBS} j on j.key = 'effect:' || e.id
    where e.undecided and e.status = 'pending' and not e.replayed and e.src = any($2)
      and j.is_available and j.run_at <= now()
      and j.task_id in (select id from graphile_worker._private_tasks where identifier = any($3))
    order by e.created_at limit $4 for update of j skip locked
  ), taken as (${LOCK_DUE}), mine as (
    select id, job_id from due union all select id, null from unnest($5::text[]) as offered(id)
  )
  select ${COLUMNS}, mine.job_id from mine join effects e using (id)
  where e.undecided and e.status = 'pending' and not e.replayed and e.src = any($2)`;

/** Where no job of a name was ever added, the name is missing, and so is its job in the answer. */
const ADD_CLAIMED = prepared(`
  insert into ${JOBS} (task_id, payload, key, priority, run_at, max_attempts, attempts, locked_by, locked_at)
  select t.id, x.payload, x.job_key, x.priority, now(), ${MAX_ATTEMPTS}, 1, $2, now()
  from ${rowsFromJson('identifier text, payload json, job_key text, priority smallint')}
  join graphile_worker._private_tasks t using (identifier)
  returning id, key`);
const ADD_NAMES = `
  insert into graphile_worker._private_tasks (identifier) select unnest($1::text[]) on conflict do nothing`;

const COMPLETE = prepared(`delete from ${JOBS} where id = any($1) and locked_by = any($2)`);

/**
 * The workers of the queue are notified as if the jobs were new. A job without a key was replaced by another one of its effect; all
 * of its attempts are used up, and it stays so. A job that was claimed was due, so it is due again even if the clock was
 * set back meanwhile. An effect that another transaction holds is probably being cancelled; the others do not wait for it.
 */
const RELEASE = `
  with freed as (
    update ${JOBS} j set locked_by = null, locked_at = null,
      attempts = case when j.key is null then j.attempts else greatest(j.attempts - 1, 0) end,
      run_at = case when $3 > 0 then clock_timestamp() + $3 * interval '1 millisecond'
        else least(j.run_at, clock_timestamp()) end
    where j.id = any($1) and j.locked_by = any($4) returning 1
  ), looked_at as (
    update effects set undecided = false where id in (
      select id from effects where id = any($2) and undecided for update skip locked)
  )
  select pg_notify('jobs:insert', json_build_object('r', random(), 'count', count(*))::text) from freed
  having count(*) > 0`;

const CLAIMED_BY = `select id from ${JOBS} where locked_by = any($1)`;
