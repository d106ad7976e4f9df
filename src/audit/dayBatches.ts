import { isLimitExceeded } from '../db/databaseGone.ts';

/** So many days are read by one statement at most. When the log is sealed each day, that is one. */
const MOST_DAYS = 31;
/** Nobody waits for a day with very many rows. */
const ONE_DAY_MS = 600_000;
/** A statement that reads several days ends after so long, and reads fewer. */
const SEVERAL_DAYS_MS = 30_000;
/** After a statement that was quicker than this, the next one reads more days. */
const QUICK_MS = 2_000;

export interface DayRange {
  /** `2026-05-05`, as all days. */
  from: string;
  to: string;
}

/** The day that many days later, or earlier. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * Reads the days in their order, as many at once as a statement reads in a few seconds, so that a connection is never held
 * for long unless a single day needs that.
 */
export async function* inBatches<T>(
  { from, to }: DayRange,
  read: (range: DayRange, limitMs: number) => Promise<T>,
  now = () => performance.now(),
): AsyncGenerator<T> {
  let days = 1;
  for (let first = from; first <= to; ) {
    const end = addDays(first, days - 1);
    const range = { from: first, to: end < to ? end : to };
    const isOneDay = range.from === range.to;
    const began = now();
    let batch: T;
    try {
      batch = await read(range, isOneDay ? ONE_DAY_MS : SEVERAL_DAYS_MS);
    } catch (error) {
      if (isOneDay || !isLimitExceeded(error)) throw error;
      days = 1;
      continue;
    }
    days = now() - began < QUICK_MS ? Math.min(days * 2, MOST_DAYS) : Math.ceil(days / 2);
    first = addDays(range.to, 1);
    yield batch;
  }
}
