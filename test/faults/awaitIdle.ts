import { setTimeout as sleep } from 'node:timers/promises';
import { type Violation, violation } from './check/verdict.ts';
import type { Environment } from './environment.ts';
import { pendingWork, type Work } from './idleCheck.ts';
import { createProgressWatch } from './progressWatch.ts';
import type { Senders } from './senders.ts';
import { REPEATING_SOURCES } from './sources.ts';

const CHECK_MS = 500;
const CONFIRM_MS = 10_000;
/** The first confirmation may have been handled with a flag that was switched just before, so a second one follows. */
const CONFIRMATIONS = 2;

export interface IdleResult {
  /** Milliseconds since the last fault. */
  tookMs: number;
  violations: Violation[];
}

/**
 * Waits until the program is idle, while senders repeat the state of their alerts. How long that takes depends on the
 * machine, so only the progress is judged.
 */
export async function awaitIdle(environment: Environment, senders: Senders, lastFaultAt: number): Promise<IdleResult> {
  const watch = createProgressWatch();
  const confirmations = startConfirmations(senders);
  for (;;) {
    const wasRunning = confirmations.isRunning;
    const work = await workOf(environment);
    const tookMs = Date.now() - lastFaultAt;
    const { unconfirmed } = confirmations;
    if (work.length === 0 && unconfirmed === 0 && !wasRunning) return { tookMs, violations: [] };
    const left = [...work, ...(unconfirmed > 0 ? [{ what: 'confirmations of senders', n: unconfirmed }] : [])];
    if (watch.isStuck(left.reduce((sum, { n }) => sum + n, 0))) {
      const names = left.map(({ what, n }) => `${n} ${what}`).join(', ');
      return { tookMs, violations: [violation('not_idle', `${names}: no progress, ${Math.round(tookMs / 1000)} s`)] };
    }
    confirmations.continue(work.length === 0);
    await sleep(CHECK_MS);
  }
}

/** Repeats the state of all alerts in the background, one time after the other. */
function startConfirmations(senders: Senders) {
  let isRunning = false;
  let startAt = 0;
  let unconfirmed = REPEATING_SOURCES.length * CONFIRMATIONS;

  async function confirmAll(): Promise<void> {
    isRunning = true;
    const ended = unconfirmed === REPEATING_SOURCES.length * CONFIRMATIONS;
    const confirm = async (source: string) => {
      await senders.confirm(source, { ended });
      unconfirmed = Math.max(0, unconfirmed - 1);
    };
    await Promise.all(REPEATING_SOURCES.map(confirm));
    isRunning = false;
    startAt = performance.now() + CONFIRM_MS;
  }

  return {
    /** How many confirmations were not accepted so far. */
    get unconfirmed() {
      return unconfirmed;
    },
    get isRunning() {
      return isRunning;
    },
    /** Begins the next one when it is time. `isIdle`: nothing else is left. */
    continue(isIdle: boolean): void {
      if (!isRunning && (performance.now() > startAt || (isIdle && unconfirmed > 0))) void confirmAll();
    },
  };
}

async function workOf({ database }: Environment): Promise<Work[]> {
  try {
    return await pendingWork(database.server);
  } catch (error) {
    return [{ what: `answer of the database: ${String(error)}`, n: 1 }];
  }
}
