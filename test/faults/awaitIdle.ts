import { setTimeout as sleep } from 'node:timers/promises';
import { type Violation, violation } from './check/verdict.ts';
import { type Environment, REPEATING_SOURCES } from './environment.ts';
import { pendingWork } from './idleCheck.ts';
import type { Senders } from './senders.ts';

/** The program has to be idle by then. */
const LIMIT_MS = 120_000;
/** The run waits for longer, to distinguish late work from stuck work. */
const GIVE_UP_MS = 300_000;
const CHECK_MS = 500;
const CONFIRM_MS = 10_000;

export interface IdleResult {
  /** Milliseconds since the last fault. */
  tookMs: number;
  violations: Violation[];
}

/** Waits until the program is idle, while senders repeat the state of their alerts. */
export async function awaitIdle(environment: Environment, senders: Senders, lastFaultAt: number): Promise<IdleResult> {
  let confirmAt = 0;
  let ended = true;
  let confirmedOnce = false;
  let left: string[] = [];
  for (;;) {
    if (performance.now() > confirmAt) {
      // A program that no longer accepts anything must not keep the run from giving up.
      const patience = sleep(Math.max(0, lastFaultAt + GIVE_UP_MS - Date.now()), undefined, { ref: false });
      await Promise.race([
        patience,
        Promise.all(REPEATING_SOURCES.map((source) => senders.confirm(source, { ended }))),
      ]);
      ended = false;
      confirmAt = performance.now() + CONFIRM_MS;
    }
    left = await pendingWork(environment.database.server).catch((error: unknown) => [`the database: ${String(error)}`]);
    const tookMs = Date.now() - lastFaultAt;
    // The first confirmation may have been handled with a flag that was switched just before, so a second one follows.
    if (left.length === 0 && confirmedOnce) return { tookMs, violations: late(tookMs, []) };
    confirmedOnce ||= left.length === 0;
    if (tookMs > GIVE_UP_MS) return { tookMs, violations: late(tookMs, left) };
    if (left.length === 0) {
      confirmAt = 0;
      await sleep(700);
    } else await sleep(CHECK_MS);
  }
}

function late(tookMs: number, left: string[]): Violation[] {
  if (tookMs <= LIMIT_MS) return [];
  const what =
    left.length === 0
      ? `it took ${Math.round(tookMs / 1000)} s`
      : `left after ${Math.round(tookMs / 1000)} s: ${left.join(', ')}`;
  return [violation('not_idle', what)];
}
