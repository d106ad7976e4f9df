import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/db/migrate.ts';
import type { Progress } from '../../src/lib/progress.ts';
import { createLog } from '../../src/log/log.ts';
import { checkEvents } from '../faults/check/episodes.ts';
import { checkMessages } from '../faults/check/messages.ts';
import { checkProgram } from '../faults/check/program.ts';
import { checkTickets } from '../faults/check/tickets.ts';
import { type Violation, violation } from '../faults/check/verdict.ts';
import { recordRealInstants } from '../faults/databaseClock.ts';
import { readFinalState } from '../faults/finalState.ts';
import { pendingWork } from '../faults/idleCheck.ts';
import { createLedger, type Ledger } from '../faults/ledger.ts';
import { createRandom } from '../faults/random.ts';
import { createSenders } from '../faults/senders.ts';
import { PARKED } from '../faults/surfacesFile.ts';
import { createApiTransport } from '../faults/transport.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { drill, type Fault, type FaultResult } from './drill.ts';
import { type RunningProgram, SOURCE, startProgram } from './program.ts';

export interface Result {
  passed: boolean;
  violations: Violation[];
  faults: FaultResult[];
  acknowledged: number;
  tickets: ReturnType<typeof checkTickets>['counts'];
  messages: ReturnType<typeof checkMessages>['counts'];
  /** The folder with logs and data; null if it was deleted. */
  dir: string | null;
}

const IDLE_MS = 180_000;
const ADMIN_MS = 60_000;
const silent = createLog({ level: 'silent' });

/** Runs the program on a cluster whose primary fails in these ways, and checks that nothing is lost or duplicated. */
export async function runOnCluster(
  options: { faults: readonly Fault[]; everyMs: number; seed: number; watchdog: boolean },
  progress: Progress,
): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-patroni-'));
  // The servers may run as another user, which must be able to enter their folders in this one.
  await chmod(dir, 0o711);
  const random = (what: string) => createRandom(`${options.seed} ${what}`);
  const ledger = createLedger();
  progress.say('starting etcd, Patroni and HAProxy');
  const cluster = await startCluster(dir, options);
  let program: RunningProgram | undefined;
  let dirKept = true;
  try {
    await migrate(cluster.url, silent);
    await recordRealInstants(cluster.url);
    progress.say('starting the program');
    // Only a process that is starting may end, and processes are started before the first fault.
    program = await startProgram({ databaseUrl: cluster.url, dir, ledger, random, isDatabaseAway: () => false });
    await ready(program);
    const { webs, tokens, dependencies } = program;
    const ticketOf = dependencies.tickets.of;
    const transport = createApiTransport({
      ...{ source: SOURCE, token: tokens.get(SOURCE) ?? '', webs },
      ...{ ledger, random: random('senders') },
    });
    const senders = createSenders({
      ...{ transports: new Map([[SOURCE, transport]]), webs: webs.length },
      ...{ ledger, random: random('senders'), ticketOf },
    });
    const results = await drill(options.faults, {
      ...{ cluster, senders, ledger, progress },
      ...{ random: random('load'), source: SOURCE, everyMs: options.everyMs },
    });
    progress.say('waiting until the program is idle');
    const left = await untilIdle(cluster);
    const { violations, ...counts } = await judge(cluster, program, ledger);
    violations.push(...left.map((what) => violation('not_idle', what)));
    dirKept = violations.length > 0;
    return { passed: !dirKept, violations, faults: results, ...counts, dir: dirKept ? dir : null };
  } finally {
    progress.done();
    await program?.stop();
    await cluster.stop();
    if (!dirKept) await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function judge(cluster: Cluster, { dependencies, fleet }: RunningProgram, ledger: Ledger) {
  const facts = await readFinalState(cluster, dependencies);
  const tickets = checkTickets(facts, ledger);
  const messages = checkMessages(facts, ledger);
  return {
    violations: [
      ...checkEvents(facts, ledger),
      ...tickets.violations,
      ...messages.violations,
      ...checkProgram(facts, ledger, fleet.complaints, PARKED),
    ],
    tickets: tickets.counts,
    messages: messages.counts,
    acknowledged: ledger.acks.length,
  };
}

/** Waits until every process has started, and lets alerts have tickets. */
async function ready({ fleet, webs, adminToken }: RunningProgram): Promise<void> {
  while (!fleet.processes.every((process) => process.isUp())) {
    const [ended] = fleet.complaints;
    if (ended) throw new Error(`${ended.process} did not start: ${ended.text}`);
    await sleep(100);
  }
  const response = await fetch(`${webs[0]}/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, accept: 'application/json', 'content-type': 'application/json' },
    body: '{"enabled":true}',
    signal: AbortSignal.timeout(ADMIN_MS),
  });
  if (response.status !== 200) throw new Error(`the flag was not switched on: ${await response.text()}`);
}

/** What is left to do when it takes too long; empty when the program is idle. */
async function untilIdle(cluster: Cluster): Promise<string[]> {
  for (const giveUp = Date.now() + IDLE_MS; ; await sleep(500)) {
    const left = await pendingWork(cluster).catch((error: unknown) => [{ what: `answers: ${String(error)}`, n: 0 }]);
    if (left.length === 0 || Date.now() > giveUp) return left.map(({ what, n }) => `${n} ${what}`);
  }
}
