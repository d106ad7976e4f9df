import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../src/lib/progress.ts';
import type { Ledger } from '../faults/ledger.ts';
import type { PlannedEpisode } from '../faults/planIncidents.ts';
import type { Random } from '../faults/random.ts';
import { startRoundTimer } from '../faults/roundTimer.ts';
import type { Senders } from '../faults/senders.ts';
import type { Cluster } from './cluster.ts';
import type { Node } from './node.ts';

export const FAULTS = {
  kill: 'the primary loses its power',
  pause: 'the primary stands still',
  hang: "the primary's Patroni stands still",
  cutOff: 'the primary is cut off from everything',
} as const;
export type Fault = keyof typeof FAULTS;

export interface FaultResult {
  fault: Fault;
  /** Which node took over; null if the same node stayed the primary. */
  tookOver: string | null;
  /** The longest time between two tickets from the fault until its end, in seconds. */
  pauseSeconds: number;
  /** Whether its watchdog reset the primary. */
  reset: boolean;
  /** Seconds until there was a synchronous standby again, after the fault had ended. */
  completeSeconds: number;
}

export interface DrillParts {
  cluster: Cluster;
  senders: Senders;
  ledger: Ledger;
  random: Random;
  source: string;
  /** One alert in so many milliseconds. */
  everyMs: number;
  progress: Progress;
}

/** Load before the first fault and after each one. */
const STEADY_MS = 10_000;
const TICKET_MS = 300_000;

/** Sends alerts all the time, and lets the primary fail in each of these ways, one after the other. */
export async function drill(faults: readonly Fault[], parts: DrillParts): Promise<FaultResult[]> {
  const { cluster, progress } = parts;
  const load = startLoad(parts);
  const results: FaultResult[] = [];
  progress.say('alerts without a fault');
  await sleep(STEADY_MS);
  for (const fault of faults) {
    await cluster.untilComplete();
    const primary = await cluster.primary();
    progress.say(`${FAULTS[fault]} (${primary.name})`);
    const resetsBefore = primary.resets();
    const at = Date.now();
    primary[fault]();
    await cluster.untilReplaced(primary);
    progress.say(`another node took over after ${(Date.now() - at) / 1000} s`);
    await ticketAfter(load.latest(), parts.ledger);
    // The old primary comes back while the new one is at work.
    await sleep(STEADY_MS);
    const restoredAt = Date.now();
    primary.restore();
    progress.say('the old primary comes back');
    await cluster.untilComplete();
    results.push({
      fault,
      tookOver: await successor(cluster, primary),
      pauseSeconds: longestPause(at, restoredAt, parts.ledger),
      reset: primary.resets() > resetsBefore,
      completeSeconds: Math.round((Date.now() - restoredAt) / 100) / 10,
    });
    await sleep(STEADY_MS);
  }
  progress.say('the last alerts');
  await load.stop();
  return results;
}

async function successor(cluster: Cluster, before: Node): Promise<string | null> {
  const { name } = await cluster.primary();
  return name === before.name ? null : name;
}

/** Resolves when a ticket was created for an alert with a higher number than this. */
async function ticketAfter(n: number, { creates }: Ledger): Promise<void> {
  for (const giveUp = Date.now() + TICKET_MS; Date.now() < giveUp; await sleep(50))
    if (creates.some(({ subject }) => Number(/Fault (\d+)\//.exec(subject)?.[1]) > n)) return;
  throw new Error(`no ticket was created within ${TICKET_MS / 1000} s`);
}

function longestPause(from: number, until: number, { creates }: Ledger): number {
  const at = [from, ...creates.map(({ effectAt }) => effectAt).filter((each) => each > from && each < until)];
  const pauses = at.toSorted((a, b) => a - b).map((each, n, all) => each - (all[n - 1] ?? from));
  return Math.max(...pauses) / 1000;
}

/** One episode of P1 that ends once it has its ticket. */
const EPISODE: PlannedEpisode = {
  gapMs: 0,
  severity: 'P1',
  worse: null,
  end: 'after_ticket',
  lingerMs: 500,
  twice: false,
  lateMs: null,
};

function startLoad({ senders, random, source, everyMs }: DrillParts) {
  const timer = startRoundTimer();
  const running: Promise<void>[] = [];
  let n = 0;
  const next = setInterval(() => {
    n += 1;
    // The first 16 characters are the alert's key, which must be unique.
    const alertId = `${n.toString(16).padStart(6, '0')}${random.hex(26)}`;
    running.push(senders.perform({ n, at: 0, source, alertId, episodes: [EPISODE] }, timer));
  }, everyMs);
  return {
    latest: () => n,
    async stop(): Promise<void> {
      clearInterval(next);
      await Promise.all(running);
    },
  };
}
