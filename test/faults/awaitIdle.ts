import { setTimeout as sleep } from 'node:timers/promises';
import { type Violation, violation } from './check/verdict.ts';
import { type Environment, SOURCES } from './environment.ts';
import { pendingWork } from './idleCheck.ts';
import type { Senders } from './senders.ts';

/** By then everything has to be at rest. */
const LIMIT_MS = 120_000;
/** So long it is waited for all the same, to tell what is late from what never comes. */
const PATIENCE_MS = 300_000;
const LOOK_MS = 500;
const SAY_MS = 10_000;

export interface IdleResult {
  /** From the last fault on. */
  tookMs: number;
  violations: Violation[];
}

/** Waits until everything has come to rest, while senders go on saying what is true. */
export async function awaitIdle(environment: Environment, senders: Senders, lastFaultAt: number): Promise<IdleResult> {
  let sayAt = 0;
  let ended = true;
  let saidOnce = false;
  let left: string[] = [];
  for (;;) {
    if (performance.now() > sayAt) {
      await Promise.all(SOURCES.map((source) => senders.confirm(source, { ended })));
      ended = false;
      sayAt = performance.now() + SAY_MS;
    }
    left = await pendingWork(environment.database).catch((error: unknown) => [`the database: ${String(error)}`]);
    const tookMs = Date.now() - lastFaultAt;
    // What was said at first may have been judged by a flag that was flipped a moment before.
    if (left.length === 0 && saidOnce) return { tookMs, violations: late(tookMs, []) };
    saidOnce ||= left.length === 0;
    if (tookMs > PATIENCE_MS) return { tookMs, violations: late(tookMs, left) };
    if (left.length === 0) {
      sayAt = 0;
      await sleep(700);
    } else await sleep(LOOK_MS);
  }
}

function late(tookMs: number, left: string[]): Violation[] {
  if (tookMs <= LIMIT_MS) return [];
  const what =
    left.length === 0
      ? `it took ${Math.round(tookMs / 1000)} s`
      : `left after ${Math.round(tookMs / 1000)} s: ${left.join(', ')}`;
  return [violation('no_rest', what)];
}
