import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Also, Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import { isContention, isPartlyDelivered, togetherOrEach } from '../db/contention.ts';
import type { Log } from '../log/log.ts';
import { recordChecks } from './checks.ts';
import { maxChecksAtOnce, openFilesLimit } from './concurrency.ts';
import { keepMaintenance } from './maintenanceClock.ts';
import { type CheckedSurface, type CheckPolicy, checkedEvent } from './pollerEvents.ts';
import type { CheckResult } from './probe.ts';
import { newlyFailing, recheckUpstream } from './recheckUpstream.ts';
import { type Claimed, createSchedule } from './schedule.ts';
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
  /** Read for each delivery. */
  policy?: () => Promise<CheckPolicy>;
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
/** Surfaces that gave no answer last time, or a late one, may take this share of the checks at once; the rest stays free for the others. */
const SILENT_SHARE = 0.75;

export function createPoller(deps: PollerDeps): Poller {
  const { pool, deliver, probe, intervalSeconds, log } = deps;
  const { maxInFlight = maxChecksAtOnce(openFilesLimit()) } = deps;
  const schedule = createSchedule(pool, intervalSeconds);
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  /** One for each check in flight: a signal that all of them share would have as many listeners. */
  const cancels = new Set<AbortController>();
  const maxSilent = Math.max(1, Math.floor(maxInFlight * SILENT_SHARE));
  let silentInFlight = 0;
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
        const due = await claimDue();
        for (const surface of due) check(surface);
        const isOver = firstCycle !== undefined && [...firstCycle].every((each) => !inFlight.has(each));
        await processResults();
        completed ||= isOver;
        if (due.length === 0 && inFlight.size < maxInFlight && silentInFlight < maxSilent)
          firstCycle ??= new Set(inFlight);
        if (performance.now() > nextRetireAt) {
          nextRetireAt = performance.now() + RETIRE_EVERY_MS;
          await retireRemoved(pool, deliver);
          await schedule.advanceLate();
        }
      } catch (error) {
        log.warn({ err: error }, 'checks could not be recorded; continuing with the next');
      }
      await pause(inFlight.size > 0 || results.length > 0 ? FLUSH_MS : TICK_MS);
    }
  }

  /** A window that begins or ends makes the check of its surface due. */
  async function claimDue(): Promise<Claimed[]> {
    const { checks, windows } = await schedule.due();
    if (windows) await keepMaintenance(pool, deliver);
    return checks || windows ? schedule.claim(maxInFlight - inFlight.size, maxSilent - silentInFlight) : [];
  }

  function check(surface: Claimed): void {
    const began = performance.now();
    if (surface.silent) silentInFlight += 1;
    const cancel = new AbortController();
    cancels.add(cancel);
    // Surfaces may have been claimed just before the stop.
    if (stopping.signal.aborted) cancel.abort();
    const running = probe(surface.config, cancel.signal).then((result) => {
      // A check that we cancelled is not a result.
      if (stopping.signal.aborted) return;
      // When the check ended, by the database's clock; it may have taken its whole timeout.
      const at = new Date(surface.claimed_at.getTime() + performance.now() - began);
      results.push({ surface, check: { ...result, surfaceId: surface.id, at } });
    });
    inFlight.add(running);
    void running.finally(() => {
      inFlight.delete(running);
      cancels.delete(cancel);
      if (surface.silent) silentInFlight -= 1;
    });
  }

  async function processResults(): Promise<void> {
    if (results.length === 0) return;
    const batch = await schedule.stillListed(results.splice(0));
    // While we are offline ourselves, neither failures nor recoveries count.
    const count = (await selfCheck?.resultsCount(batch.map(({ check }) => check.outcome))) ?? true;
    if (count) await recordAndDeliver(batch);
    // A surface that is locked keeps the later time of its claim.
    await togetherOrEach(batch, (some) => schedule.reschedule(some));
  }

  /** A result that another transaction holds up is tried again together with the next results. */
  async function recordAndDeliver(all: CheckedSurface[]): Promise<void> {
    const fresh = all.filter(({ stored }) => !stored);
    const locked = new Set(
      await togetherOrEach(fresh, (some) =>
        recordChecks(
          pool,
          some.map(({ check }) => check),
        ),
      ),
    );
    results.unshift(...locked);
    const batch = all.filter((each) => !locked.has(each));
    for (const { check, stored } of batch) if (!stored) deps.onChecked?.(check.outcome);
    const { delivered, undelivered } = await deliverChecks(batch);
    results.unshift(...undelivered.map((each) => ({ ...each, stored: true })));
    await deps.onDelivered?.(delivered);
    await recheckUpstream(pool, newlyFailing(batch, delivered));
  }

  async function deliverChecks(batch: CheckedSurface[]) {
    try {
      const policy = (await deps.policy?.()) ?? {};
      const events = batch.map((each) => checkedEvent(each, policy));
      return { delivered: await deliver(events, deps.also), undelivered: [] };
    } catch (error) {
      if (isContention(error)) return { delivered: [], undelivered: batch };
      if (!isPartlyDelivered(error)) throw error;
      const actors = new Set(error.undelivered.map(({ to }) => to));
      log.warn({ surfaces: actors.size }, 'checks not delivered because another transaction holds their surfaces');
      const undelivered = batch.filter(({ surface }) => actors.has(surfaceActor(surface.id)));
      return { delivered: [...error.delivered], undelivered };
    }
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
      for (const each of cancels) each.abort();
      await loop;
      await Promise.allSettled(inFlight);
    },
    hasCompletedACycle: () => completed,
  };
}
