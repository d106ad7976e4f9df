import type { ClientBase, Pool } from 'pg';
import { isHolder, keepSource } from './store.ts';

/** The right to work on the requests of one source, for as long as it is prolonged. */
export interface Lease {
  /** Prolongs it. Throws LeaseLost if another process has taken the source over. */
  keep(): Promise<void>;
  /**
   * Throws LeaseLost if another process has taken the source over; otherwise none can before the transaction ends.
   * Whatever the holder was suspended for, it commits nothing after it lost the lease.
   */
  fence(client: ClientBase): Promise<void>;
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
  const lost = () => new LeaseLost(`Another process works on ${source}.`);
  async function keep(): Promise<void> {
    if (!(await keepSource(pool, source, lease, seconds))) throw lost();
  }
  async function fence(client: ClientBase): Promise<void> {
    if (!(await isHolder(client, { source, lease }))) throw lost();
  }
  // The holder calls `keep` before each step that must not be done without it, and learns there what failed here.
  const timer = setInterval(() => void keep().catch(() => undefined), (seconds * 1_000) / BEATS);
  return { keep, fence, end: () => clearInterval(timer) };
}
