import type { Pool } from 'pg';
import { keepSource } from './store.ts';

/** The right to work on the requests of one source, for as long as it is prolonged. */
export interface Lease {
  /** Prolongs it. Throws LeaseLost where another process has taken the source over. */
  keep(): Promise<void>;
  /** It is not prolonged by itself any more. */
  end(): void;
}

export class LeaseLost extends Error {}

/** Prolonged several times before it expires, so that one late query does not lose it. */
const BEATS = 4;

/** Prolongs the lease while its holder works, however long that takes. */
export function holdLease(
  pool: Pick<Pool, 'query'>,
  { source, lease }: { source: string; lease: string },
  seconds: number,
): Lease {
  async function keep(): Promise<void> {
    if (!(await keepSource(pool, source, lease, seconds))) throw new LeaseLost(`Another process works on ${source}.`);
  }
  // The holder calls `keep` before each step that must not be done without it, and learns there what failed here.
  const timer = setInterval(() => void keep().catch(() => undefined), (seconds * 1_000) / BEATS);
  return { keep, end: () => clearInterval(timer) };
}
