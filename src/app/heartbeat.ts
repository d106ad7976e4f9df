import type { Pool } from 'pg';
import { ageSeconds } from '../db/age.ts';
import { withAnySignal } from '../lib/withAnySignal.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { lateAfterMs } from '../surfaces/lateChecks.ts';

interface HeartbeatDeps {
  pool: Pick<Pool, 'query'>;
  outgoing: Pick<Outgoing, 'fetch'>;
  /** HEARTBEAT_URL */
  url: string;
  pollIntervalSeconds: number;
  /** Default 10 s. */
  timeoutMs?: number;
  onOutcome(outcome: 'sent' | 'withheld'): void;
}

const MAX_BYTES = 65_536;

/**
 * Reports to a dead man's switch, which alerts when reports stop, that the database answers and surfaces are checked in
 * time. Withheld while the checks of any surface are late. Throws when it could not be sent.
 */
export function createHeartbeat(deps: HeartbeatDeps) {
  const { pool, outgoing, url, pollIntervalSeconds, timeoutMs = 10_000, onOutcome } = deps;
  return async (signal: AbortSignal): Promise<void> => {
    if (await areChecksLate(pool, pollIntervalSeconds)) return onOutcome('withheld');
    const { status } = await withAnySignal([signal, AbortSignal.timeout(timeoutMs)], (any) =>
      outgoing.fetch(url, { signal: any }, MAX_BYTES),
    );
    if (status < 200 || status > 299) throw new Error(`HEARTBEAT_URL answered ${status}`);
    onOutcome('sent');
  };
}

async function areChecksLate(pool: Pick<Pool, 'query'>, pollIntervalSeconds: number): Promise<boolean> {
  const { rows } = await pool.query<{ late: boolean | null }>(
    `select ${ageSeconds('min(next_check_at)')} * 1000 > $1 as late from surfaces
     where removed_at is null and next_check_at <= clock_timestamp()`,
    [lateAfterMs(pollIntervalSeconds)],
  );
  return rows[0]?.late ?? false;
}
