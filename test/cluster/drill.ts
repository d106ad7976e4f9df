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
  cutOff: 'the primary is cut off from everything',
} as const;
export type Fault = keyof typeof FAULTS;

export interface FaultResult {
  fault: Fault;
  /** Which node took over; null if the same node stayed the primary. */
  tookOver: string | null;
  /** Seconds until an alert that was sent after the fault had its ticket. */
  nextTicketSeconds: number;
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
    const before = load.latest();
    const at = Date.now();
    primary[fault]();
    const ticketAt = await ticketAfter(before, parts.ledger);
    progress.say(`the next ticket came after ${(ticketAt - at) / 1000} s`);
    // The old primary comes back while the new one is at work.
    await sleep(STEADY_MS);
    const restoredAt = Date.now();
    primary.restore();
    progress.say('the old primary comes back');
    await cluster.untilComplete();
    results.push({
      fault,
      tookOver: await successor(cluster, primary),
      nextTicketSeconds: (ticketAt - at) / 1000,
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

/** When the first ticket was created for an alert with a higher number than this. */
async function ticketAfter(n: number, { creates }: Ledger): Promise<number> {
  for (const giveUp = Date.now() + TICKET_MS; Date.now() < giveUp; await sleep(50)) {
    const found = creates.find(({ subject }) => Number(/Fault (\d+)\//.exec(subject)?.[1]) > n);
    if (found) return found.effectAt;
  }
  throw new Error(`no ticket was created within ${TICKET_MS / 1000} s`);
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
