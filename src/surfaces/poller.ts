import type { Pool } from 'pg';
import type { Also, Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import type { Log } from '../log/log.ts';
import { recordChecks } from './checks.ts';
import { maxChecksAtOnce, openFilesLimit } from './concurrency.ts';
import { keepMaintenance } from './maintenanceClock.ts';
import { type CheckedSurface, type CheckPolicy, type ClaimedSurface, checkedEvent } from './pollerEvents.ts';
import type { CheckResult } from './probe.ts';
import { newlyFailing, recheckUpstream } from './recheckUpstream.ts';
import type { SelfCheck } from './selfCheck.ts';
import type { SurfaceConfig } from './surfacesFile.ts';
import { retireRemoved } from './sync.ts';

/** Checks surfaces when they are due. Any number of processes may poll; each surface is claimed by one of them. */
export interface Poller {
  start(): void;
  stop(): Promise<void>;
  /** True once every surface that was due at the start has been checked and delivered. */
  hasCompletedACycle(): boolean;
}

export interface PollerDeps {
  pool: Pool;
  deliver: Deliver;
  /** Checks a surface once; never throws. */
  probe: (surface: SurfaceConfig, signal?: AbortSignal) => Promise<CheckResult>;
  /** Decides whether results count while we may be offline ourselves; all results count where it is left out. */
  selfCheck?: (signal: AbortSignal) => SelfCheck;
  intervalSeconds: number;
  policy?: CheckPolicy;
  /** Limit for checks at once; by the limit for open files where it is left out. */
  maxInFlight?: number;
  log: Log;
  onChecked?: (outcome: string) => void;
  /** Writes more in the transaction in which check results change an actor. */
  also?: Also;
  /** Called with the result of each delivery, including results that changed nothing. */
  onDelivered?: (delivered: Delivered[]) => Promise<void>;
}

const TICK_MS = 250;
const FLUSH_MS = 100;
const RETIRE_EVERY_MS = 10_000;
const SELF_CHECK_EVERY_MS = 2_500;
/** A surface whose process died while checking is due again after its timeout and this many seconds. */
const GRACE_S = 5;

/** The interval of a surface, and how long its claim lasts; `$2` is the interval of surfaces without their own. */
const INTERVAL = "coalesce((config->>'intervalSeconds')::float8, $2::float8)";
const LEASE = `greatest(${INTERVAL}, (config->>'timeoutMs')::float8 / 1000 + $3::float8) * interval '1 second'`;

export function createPoller(deps: PollerDeps): Poller {
  const { pool, deliver, probe, intervalSeconds, log } = deps;
  const { maxInFlight = maxChecksAtOnce(openFilesLimit()) } = deps;
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const results: CheckedSurface[] = [];
  let completed = false;
  let nextRetireAt = 0;
  let nextSelfCheckAt = 0;
  const selfCheck = deps.selfCheck?.(stopping.signal);
  let loop: Promise<void> | undefined;

  async function run(): Promise<void> {
    // The checks in flight when nothing more is due; with the last of them the first cycle is complete. Waiting for a
    // moment without any check in flight could take forever.
    let firstCycle: Set<Promise<void>> | undefined;
    while (!stopping.signal.aborted) {
      try {
        if (selfCheck && performance.now() > nextSelfCheckAt) {
          nextSelfCheckAt = performance.now() + SELF_CHECK_EVERY_MS;
          await selfCheck.refresh();
        }
        await keepMaintenance(pool, deliver);
        const due = await claim(maxInFlight - inFlight.size);
        for (const surface of due) check(surface);
        const isOver = firstCycle !== undefined && [...firstCycle].every((each) => !inFlight.has(each));
        await processResults();
        completed ||= isOver;
        if (due.length === 0 && inFlight.size < maxInFlight) firstCycle ??= new Set(inFlight);
        if (performance.now() > nextRetireAt) {
          nextRetireAt = performance.now() + RETIRE_EVERY_MS;
          await retireRemoved(pool, deliver);
          await advanceLateSchedules();
        }
      } catch (error) {
        log.warn({ err: error }, 'checks could not be recorded; continuing with the next');
      }
      await pause(inFlight.size > 0 || results.length > 0 ? FLUSH_MS : TICK_MS);
    }
  }

  /**
   * Moves `next_check_at` forward at once, so that no other process takes the surface and a crash loses one check at most.
   * Surfaces that gave no answer last time come after the others: each of them may hold a place for its whole timeout.
   */
  async function claim(room: number): Promise<ClaimedSurface[]> {
    if (room <= 0) return [];
    const { rows } = await pool.query<ClaimedSurface>(
      `with due as (
         select id from surfaces where removed_at is null
           and next_check_at <= clock_timestamp()
         order by coalesce(outcome = 'down' and http_status is null, false), next_check_at
         limit $1 for update skip locked
       )
       update surfaces s set next_check_at = clock_timestamp() + ${LEASE}
       from due where s.id = due.id
       returning s.id, s.config, clock_timestamp() as claimed_at`,
      [room, intervalSeconds, GRACE_S],
    );
    return rows;
  }

  /** A check that is due later than an interval from now was scheduled by a longer interval, or before the clock stepped back. */
  async function advanceLateSchedules(): Promise<void> {
    await pool.query(
      `with late as materialized (
         select id from surfaces where removed_at is null and next_check_at > clock_timestamp() + ${LEASE} + interval '1 second'
         order by id for update skip locked
       )
       update surfaces s set next_check_at = clock_timestamp() from late where s.id = late.id and $1::int is not null`,
      [0, intervalSeconds, GRACE_S],
    );
  }

  function check(surface: ClaimedSurface): void {
    const began = performance.now();
    const running = probe(surface.config, stopping.signal).then((result) => {
      // A check that we cancelled is not a result.
      if (stopping.signal.aborted) return;
      // When the check ended, by the database's clock; it may have taken its whole timeout.
      const at = new Date(surface.claimed_at.getTime() + performance.now() - began);
      results.push({ surface, check: { ...result, surfaceId: surface.id, at } });
    });
    inFlight.add(running);
    void running.finally(() => inFlight.delete(running));
  }

  async function processResults(): Promise<void> {
    if (results.length === 0) return;
    const batch = await stillListed(results.splice(0));
    // While we are offline ourselves, neither failures nor recoveries count.
    if ((await selfCheck?.resultsCount(batch.map(({ check }) => check.outcome))) ?? true) await recordAndDeliver(batch);
    await pool.query(
      `with checked as (
         select * from unnest($1::text[], $3::timestamptz[]) as checked (id, at)
       ), locked as materialized (
         select id from surfaces where id in (select id from checked) order by id for update
       )
       update surfaces s set next_check_at = least(s.next_check_at, checked.at + ${INTERVAL} * interval '1 second')
       from locked join checked using (id) where s.id = locked.id`,
      [batch.map(({ surface }) => surface.id), intervalSeconds, batch.map(({ surface }) => surface.claimed_at)],
    );
  }

  async function recordAndDeliver(batch: CheckedSurface[]): Promise<void> {
    for (const { check } of batch) deps.onChecked?.(check.outcome);
    await recordChecks(
      pool,
      batch.map(({ check }) => check),
    );
    const delivered = await deliver(
      batch.map((each) => checkedEvent(each, deps.policy ?? {})),
      deps.also,
    );
    await deps.onDelivered?.(delivered);
    await recheckUpstream(pool, newlyFailing(batch, delivered));
  }

  /** Drops surfaces that were removed from the file during the check: their actors have been retired. */
  async function stillListed(batch: CheckedSurface[]): Promise<CheckedSurface[]> {
    const { rows } = await pool.query<{ id: string }>(
      'select id from surfaces where id = any($1) and removed_at is null',
      [batch.map(({ surface }) => surface.id)],
    );
    const listed = new Set(rows.map(({ id }) => id));
    return batch.filter(({ surface }) => listed.has(surface.id));
  }

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', done);
        resolve();
      }
      stopping.signal.addEventListener('abort', done);
    });

  return {
    start() {
      loop ??= run();
    },
    async stop() {
      stopping.abort();
      await loop;
      await Promise.allSettled(inFlight);
    },
    hasCompletedACycle: () => completed,
  };
}
