import type { Pool } from 'pg';
import type { Log } from '../log/log.ts';
import { isDatabaseUnreachable } from './databaseGone.ts';

const PROBE_EVERY_MS = 1_000;
const REMIND_EVERY_MS = 60_000;

/**
 * Reports a lost database with one line when it is lost, one a minute, and one when it is back, in place of the lines of
 * all parts that fail because of it.
 */
export interface OutageReport {
  /** Whether these facts of a log line are of a lost database, which is then reported here. */
  replaces(facts: unknown): boolean;
  /** Reports from now on, and uses `pool` to find out when the database is back. Returns how to end that. */
  watch(pool: Pick<Pool, 'query'>, log: Pick<Log, 'warn' | 'info'>): () => void;
}

interface Outage {
  since: Date;
  /** How many lines of other parts it replaced. */
  replaced: number;
  remindAt: number;
}

export function createOutageReport(): OutageReport {
  let watched: { pool: Pick<Pool, 'query'>; log: Pick<Log, 'warn' | 'info'> } | null = null;
  let outage: Outage | null = null;
  let timer: NodeJS.Timeout | undefined;

  function begin(error: Error): void {
    outage = { since: new Date(), replaced: 0, remindAt: performance.now() + REMIND_EVERY_MS };
    const code = 'code' in error ? error.code : undefined;
    watched?.log.warn({ code, reason: error.message }, 'database unreachable; work continues once it is back');
    probeLater();
  }

  function probeLater(): void {
    timer = setTimeout(() => void probe(), PROBE_EVERY_MS);
    timer.unref();
  }

  async function probe(): Promise<void> {
    const isBack = await watched?.pool.query('select 1').then(
      () => true,
      () => false,
    );
    if (watched === null || outage === null) return;
    const facts = { since: outage.since.toISOString(), replaced_lines: outage.replaced };
    if (isBack) {
      watched.log.info(facts, 'database reachable again');
      outage = null;
      return;
    }
    if (performance.now() >= outage.remindAt) {
      watched.log.warn(facts, 'database still unreachable');
      outage.remindAt += REMIND_EVERY_MS;
    }
    probeLater();
  }

  return {
    replaces(facts) {
      const error = errorIn(facts);
      if (watched === null || error === null || !isDatabaseUnreachable(error)) return false;
      if (outage === null) begin(error);
      else outage.replaced += 1;
      return true;
    },
    watch(pool, log) {
      watched = { pool, log };
      return () => {
        clearTimeout(timer);
        watched = null;
        outage = null;
      };
    },
  };
}

function errorIn(facts: unknown): Error | null {
  if (facts instanceof Error) return facts;
  return typeof facts === 'object' && facts !== null && 'err' in facts && facts.err instanceof Error ? facts.err : null;
}
