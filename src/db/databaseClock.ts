import type { Pool } from 'pg';
import { type SteadyClock, steadyClock } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import { epochMs } from './age.ts';

/**
 * How much time has really passed since an instant of the database's clock. That clock may step, as by a failover to a
 * server whose clock is ahead, and the difference of two of its instants then proves nothing. See
 * docs/decisions/0017-clock-of-the-database.md.
 */
export interface DatabaseClock {
  /**
   * Milliseconds that have certainly passed since this instant of the database's clock (in milliseconds since 1970); 0
   * where this process cannot know.
   */
  ageAtLeastMs(instantMs: number): number;
}

/** Each process reads the database's clock once in a while, for everything in it that has to notice a step. */
export interface ClockReadings {
  /**
   * Calls the listener with the latest reading, if there is one, and with each later one, until the returned function is
   * called. What a reading means is for each listener to decide.
   */
  onReading(listener: (reading: Reading) => void): () => void;
}

/** For a process that is too short for any doubt to end in it: it leaves doubts to others. */
export const UNWATCHED: DatabaseClock & ClockReadings = { ageAtLeastMs: () => 0, onReading: () => () => undefined };

/** The database's clock, as read between two instants of the steady clock of this process. */
export interface Reading {
  databaseMs: number;
  askedAt: number;
  answeredAt: number;
}

const LOOK_EVERY_MS = 2_000;
/** A smaller step makes a doubt longer by that much, and shorter only if the clock is set back and then forward. */
const STEP_MS = 1_000;
/** After a longer time without a reading, the clock may have been set back and forward again. */
const LONGEST_GAP_MS = 10_000;
/** Less is logged at DEBUG: over days, two good clocks drift apart. */
const WORTH_A_WARNING_MS = 10_000;

/**
 * Compares the database's clock with the steady clock of this process, from a reference on: the first reading, or the
 * first one after a step or a gap. What came before the reference is at least as old as the reference. What came after
 * it came no later than the database's clock showed, because a clock that is not set back shows at least the time that
 * has passed. The steady clock may stand still while the computer is suspended, so ages are too low then.
 */
export function createReadings(time: Pick<SteadyClock, 'now'>) {
  let reference: Reading | null = null;
  let latestAt = 0;
  return {
    /** Returns by how many milliseconds the clock was certainly set since the reference; 0 if both clocks may agree. */
    add(reading: Reading): number {
      const stepMs = reference === null ? 0 : provenStepMs(reference, reading);
      const isGap = reading.askedAt - latestAt > LONGEST_GAP_MS;
      if (reference === null || isGap || Math.abs(stepMs) > STEP_MS) reference = reading;
      latestAt = reading.answeredAt;
      return Math.abs(stepMs) > STEP_MS ? stepMs : 0;
    },

    ageAtLeastMs(instantMs: number): number {
      const now = time.now();
      if (reference === null || now - latestAt > LONGEST_GAP_MS) return 0;
      const afterReferenceMs = Math.max(0, instantMs - reference.databaseMs);
      return Math.max(0, now - reference.answeredAt - afterReferenceMs);
    },
  };
}

/** What the time of waiting for the two answers cannot explain. */
function provenStepMs(from: Reading, to: Reading): number {
  const shownMs = to.databaseMs - from.databaseMs;
  const leastMs = to.askedAt - from.answeredAt;
  const mostMs = to.answeredAt - from.askedAt;
  if (shownMs > mostMs) return shownMs - mostMs;
  return Math.min(0, shownMs - leastMs);
}

/** Reads the clock of the database every two seconds, from its start on until it is stopped. */
export function createDatabaseClock(
  pool: Pick<Pool, 'query'>,
  log: Pick<Log, 'debug' | 'warn'>,
): DatabaseClock & ClockReadings & { start(): void; stop(): void } {
  const { now } = steadyClock;
  const readings = createReadings(steadyClock);
  const listeners = new Set<(reading: Reading) => void>();
  let latest: Reading | null = null;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const askedAt = now();
      const { rows } = await pool.query<{ ms: number }>(`select ${epochMs('clock_timestamp()')} as ms`);
      latest = { databaseMs: Number(rows[0]?.ms), askedAt, answeredAt: now() };
      report(readings.add(latest));
      for (const listener of listeners) listener(latest);
    } catch (error) {
      log.debug({ err: error }, 'reading the clock of the database failed');
    } finally {
      isLooking = false;
    }
  }

  function report(stepMs: number): void {
    if (stepMs === 0) return;
    const facts = { step_ms: Math.round(stepMs) };
    const message = "the database's clock was set, or this computer was suspended";
    if (Math.abs(stepMs) > WORTH_A_WARNING_MS) log.warn(facts, message);
    else log.debug(facts, message);
  }

  return {
    ageAtLeastMs: readings.ageAtLeastMs,
    onReading(listener) {
      listeners.add(listener);
      if (latest !== null) listener(latest);
      return () => void listeners.delete(listener);
    },
    start() {
      void look();
      timer = setInterval(() => void look(), LOOK_EVERY_MS);
    },
    stop: () => clearInterval(timer),
  };
}

/** The lower of the age by the database's clock and the age that is certain; null where there is no such instant. */
export const realAgeMs = (clock: DatabaseClock, ageMs: number | null, instantMs: number | null): number | null =>
  ageMs === null || instantMs === null ? null : Math.min(ageMs, clock.ageAtLeastMs(instantMs));
