import type { Pool } from 'pg';
import type { Also, Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import type { Log } from '../log/log.ts';
import { createCheckResults } from './checkResults.ts';
import { createChecksInFlight } from './checksInFlight.ts';
import { maxChecksAtOnce, openFilesLimit } from './concurrency.ts';
import { keepMaintenance } from './maintenanceClock.ts';
import type { CheckPolicy } from './pollerEvents.ts';
import type { CheckResult } from './probe.ts';
import { createSchedule } from './schedule.ts';
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

export function createPoller(deps: PollerDeps): Poller {
  const { pool, deliver, intervalSeconds, log } = deps;
  const { maxInFlight = maxChecksAtOnce(openFilesLimit()), also = async () => undefined } = deps;
  const schedule = createSchedule(pool, intervalSeconds);
  const stopping = new AbortController();
  const selfCheck = deps.selfCheck?.(stopping.signal);
  const results = createCheckResults({ ...deps, schedule, selfCheck, also });
  const inFlight = createChecksInFlight({ places: maxInFlight, probe: deps.probe, onResult: results.add });
  /**
   * Whether the checks have ended that were in flight when nothing more was due; with the last of them the first cycle is
   * complete. Waiting for a moment without any check in flight could take forever.
   */
  let firstChecksEnded: (() => boolean) | undefined;
  let completed = false;
  let nextRetireAt = 0;
  let nextSelfCheckAt = 0;
  let loops: Promise<unknown> | undefined;

  /** Apart from the results, so that surfaces that are due do not wait for a delivery. */
  async function beginDue(): Promise<void> {
    inFlight.turn();
    const { checks, windows } = await schedule.due();
    // A window that begins or ends makes the check of its surface due.
    if (windows) await keepMaintenance(pool, deliver, log);
    // The results of a database that is too slow for them would fill the memory.
    if (results.waiting() >= maxInFlight) return;
    const room = inFlight.room();
    const due = checks || windows ? await schedule.claim(room, inFlight.givenUp()) : [];
    for (const surface of due) inFlight.begin(surface);
    if (inFlight.room().any <= 0) await makeRoom();
    else if (due.length === 0 && room.unresponsive > 0) firstChecksEnded ??= inFlight.untilEnded();
  }

  async function makeRoom(): Promise<void> {
    if (!(await schedule.isAnsweringDue(inFlight.givenUp()))) return;
    const givenUp = inFlight.giveUpSlow();
    if (givenUp.length > 0) await schedule.handBack(givenUp);
  }

  async function finishChecked(): Promise<void> {
    if (selfCheck && performance.now() > nextSelfCheckAt) {
      nextSelfCheckAt = performance.now() + SELF_CHECK_EVERY_MS;
      await selfCheck.refresh();
    }
    const isOver = firstChecksEnded?.() === true;
    await results.process();
    completed ||= isOver;
    if (performance.now() > nextRetireAt) {
      nextRetireAt = performance.now() + RETIRE_EVERY_MS;
      await schedule.advanceLate();
      await retireRemoved(pool, deliver);
    }
  }

  async function repeat(work: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        log.warn({ err: error }, 'checks could not be recorded; continuing with the next');
      }
      await pause(inFlight.room().any < maxInFlight || results.waiting() > 0 ? FLUSH_MS : TICK_MS);
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
      loops ??= Promise.all([repeat(beginDue), repeat(finishChecked)]);
    },
    async stop() {
      stopping.abort();
      await Promise.all([loops, inFlight.stop()]);
      // Surfaces may have been claimed just before the stop.
      await inFlight.stop();
    },
    hasCompletedACycle: () => completed,
  };
}
