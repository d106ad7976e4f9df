import type { ClientBase } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import type { Message } from './messages.ts';
import type { MachineEntry } from './registry.ts';

/** Adds jobs to the queue, in the transaction of the rows that they belong to. `jobs.ts` runs them. */

export interface JobSpec {
  identifier: string;
  payload: unknown;
  run_at?: string | null;
  job_key?: string | null;
  priority: number;
}

/** After so many runs that failed, a job stays in the queue and never runs again; see {@link LIVE_JOB}. */
export const MAX_ATTEMPTS = 25;

/** Adds jobs in the transaction of `client`; `run_at` null means at once. */
export async function addJobs(client: ClientBase, jobs: JobSpec[]): Promise<void> {
  if (jobs.length === 0) return;
  const rows = jobs.map((job) => ({ run_at: null, job_key: null, ...job }));
  await queryPrepared(client, ADD_JOBS, [storableJson(rows)]);
}

/**
 * Order in which jobs run when many are due; the smallest number first. Quick jobs run before those that wait for other
 * systems, so that a storm of effects does not delay the timers that report it.
 */
const PRIORITY = { urgentEffect: -10, timer: -7, aheadEffect: -6, inbox: -5, delivery: -5, effect: 0 };

/** A person waits for the answer to a click for so long. */
const PERSON_WAITS_MS = 15_000;

/** Of the effects of an actor that people wait for, only what files their ticket, and only while they wait. */
export const isUrgent = (urgent: readonly string[], src: string | undefined, ageMs = 0): boolean =>
  src !== undefined && urgent.includes(src) && ageMs < PERSON_WAITS_MS;

/** Of the one job that an effect has. */
export const effectJobKey = (effectId: string): string => `effect:${effectId}`;

/**
 * Runs an effect. `version` is that of the machine that asked for it: only a release that knows this version takes the
 * job. Null for an effect of release 0.1.0, which every release takes.
 */
export const effectJob = (
  id: string,
  { kind, urgent, ahead = false }: Pick<MachineEntry, 'kind' | 'urgent' | 'ahead'>,
  version: number | null,
  { src, ageMs = 0, runAt = null }: { src?: string; ageMs?: number; runAt?: string | null } = {},
): JobSpec => ({
  identifier: nameOf(isUrgent(urgent, src, ageMs) ? URGENT_EFFECT : EFFECT, kind, version),
  payload: { id },
  run_at: runAt,
  job_key: effectJobKey(id),
  priority: isUrgent(urgent, src, ageMs) ? PRIORITY.urgentEffect : ahead ? PRIORITY.aheadEffect : PRIORITY.effect,
});

export const timerJob = (actorId: string, timerId: string, rev: number, dueAt: string): JobSpec => ({
  identifier: 'timer',
  payload: { actorId, timerId, rev },
  run_at: dueAt,
  job_key: `timer:${actorId}:${timerId}`,
  priority: PRIORITY.timer,
});

export const deliveryJob = (messages: Message[]): JobSpec => ({
  identifier: 'deliver',
  payload: { messages },
  priority: PRIORITY.delivery,
});

/**
 * Delivers the inbox of an actor. It has no key, so that a message that arrives while it runs has a job of its own.
 * `version`: only a release that knows this version of the actor's machine takes the job.
 */
export const inboxJob = (actorId: string, version?: number): JobSpec => ({
  identifier: nameOf(INBOX, kindOf(actorId), version ?? null),
  payload: { actorId },
  priority: PRIORITY.inbox,
});

export const EFFECT = 'effect';
export const URGENT_EFFECT = 'urgent_effect';
export const INBOX = 'inbox';

const nameOf = (job: string, kind: string, version: number | null): string =>
  version === null ? job : `${job} ${kind} ${version}`;

/** The names of such jobs that a release with these machines takes: for each version up to its own, and for none. */
export const namesUpTo = (job: string, entries: readonly Pick<MachineEntry, 'kind' | 'version'>[]): string[] => [
  job,
  ...entries.flatMap(({ kind, version }) => Array.from({ length: version }, (_, n) => nameOf(job, kind, n + 1))),
];

/** Condition on a job `j`. A job whose attempts are used up stays in the queue, but never runs again. */
export const LIVE_JOB = 'j.attempts < j.max_attempts or j.locked_at is not null';

/** Puts messages into the inboxes of their actors, with one job per actor; each job delivers a whole inbox. */
export async function leaveInInbox(client: ClientBase, messages: (Message & { eventId: string })[]): Promise<void> {
  if (messages.length === 0) return;
  await client.query(LEAVE, [
    storableJson(messages.map(({ to, event, eventId }) => ({ actor_id: to, event, event_id: eventId }))),
  ]);
  await addJobs(
    client,
    [...new Set(messages.map(({ to }) => to))].map((actorId) => inboxJob(actorId)),
  );
}

const LEAVE = `
  insert into inbox (actor_id, event, event_id)
  select actor_id, event, event_id from ${rowsFromJson('actor_id text, event jsonb, event_id text')}`;

/** Counted, because the rows of jobs are not needed, and their columns change with the version of graphile-worker. */
const ADD_JOBS = prepared(`
  select count(*) from graphile_worker.add_jobs(array(
    select row(identifier, payload, null, coalesce(run_at, now()), ${MAX_ATTEMPTS}::smallint, job_key, priority, null)::graphile_worker.job_spec
    from ${rowsFromJson('identifier text, payload json, run_at timestamptz, job_key text, priority smallint')}))`);
