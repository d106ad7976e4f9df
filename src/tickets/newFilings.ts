import { type SteadyClock, steadyClock, stopwatch } from '../lib/clock.ts';
import type { Filing } from './filingStore.ts';

/**
 * Filings that this process has stored a moment ago, so that the run that follows need not read them. They may be withdrawn
 * or posted meanwhile: every statement that changes a filing names the number of attempts or the phase that it starts from,
 * and finds that out.
 */
export interface NewFilings {
  /** Stores filings by `store`. What it returns has to be called once they are committed, and not before. */
  stored(store: () => Promise<Filing[]>): Promise<() => void>;
  /** Once for each filing: a later run has to read what has become of it. Null if it has to be read anyway. */
  take(id: string): Filing | null;
}

/** As long as an admission counts. */
const FRESH_MS = 500;
/** More than a process runs at once. What other processes run is never taken. */
const MAX_FILINGS = 50;

export function createNewFilings(time: SteadyClock = steadyClock): NewFilings {
  const known = new Map<string, { filing: Filing; ageMs: () => number }>();

  function remember(filing: Filing, ageMs: () => number): void {
    const [oldest] = known.keys();
    if (known.size >= MAX_FILINGS && oldest !== undefined) known.delete(oldest);
    known.set(filing.id, { filing, ageMs });
  }

  return {
    async stored(store) {
      // Before they are stored, so that no deadline seems further away than it is.
      const ageMs = stopwatch(time);
      const filings = await store();
      return () => {
        for (const filing of filings) remember(filing, ageMs);
      };
    },
    take(id) {
      const found = known.get(id);
      known.delete(id);
      const ageMs = found?.ageMs() ?? 0;
      if (!found || ageMs > FRESH_MS) return null;
      const { leftMs } = found.filing;
      return { ...found.filing, leftMs: leftMs === null ? null : leftMs - ageMs };
    },
  };
}
