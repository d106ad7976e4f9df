import { rmSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../src/lib/progress.ts';
import { awaitIdle } from './awaitIdle.ts';
import { type Violation, violation } from './check/verdict.ts';
import { type Environment, SURFACES, startEnvironment, WEBS, WORKERS } from './environment.ts';
import { judge, type Result, type RunOptions } from './judge.ts';
import { createLedger, type Ledger, ledgerText } from './ledger.ts';
import { createOperators } from './operators.ts';
import { makePlan } from './plan.ts';
import { createRandom } from './random.ts';
import { playRound } from './round.ts';
import { createSenders } from './senders.ts';
import { ALL_SOURCES } from './sources.ts';
import { createTransports } from './transports.ts';

/** Runs the whole program under faults in a temporary folder and checks the final state. */
export async function runFaults(options: RunOptions, progress: Progress, keep = false): Promise<Result> {
  const began = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-faults-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  const cleanUp = () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once('exit', cleanUp);
  const ledger = createLedger();
  const random = (what: string) => createRandom(`${options.seed} ${what}`);
  const plan = makePlan({ ...options, processes: WEBS + WORKERS, surfaces: SURFACES, sources: ALL_SOURCES });

  progress.say('starting the environment');
  const environment = await startEnvironment({
    dir,
    ledger,
    random,
    control: options.control,
    standby: options.rare.failovers > 0,
  });
  try {
    const { webs, adminToken, surfaceIds, dependencies } = environment;
    const senders = createSenders({
      transports: createTransports(environment, ledger, random),
      webs: webs.length,
      ledger,
      random: random('senders'),
      ticketOf: dependencies.tickets.of,
    });
    const operators = createOperators({
      webs,
      adminToken,
      surfaceIds,
      dependencies,
      ledger,
      random: random('operators'),
    });
    await ready(environment);
    await operators.setFlags(true);

    const violations: Violation[] = [];
    const recoveries: number[] = [];
    for (const [n, round] of plan.rounds.entries()) {
      const stop = progress.follow(`round ${n + 1} of ${plan.rounds.length}`, round.ms, () => status(ledger));
      const { lastFaultAt, left } = await playRound(round, {
        environment,
        ledger,
        senders,
        operators,
        random: random(`round ${n}`),
      });
      stop();
      violations.push(...left.map((what) => violation('not_idle', `${what} did not end`)));
      progress.say('waiting until the program is idle');
      const idle = await awaitIdle(environment, senders, lastFaultAt);
      recoveries.push(Math.round(idle.tookMs / 100) / 10);
      violations.push(...idle.violations);
    }
    if (!hasClickedForTicket(ledger)) {
      progress.say('clicking once more, because no click has led to a ticket so far');
      await operators.clickForTicket(0, LAST_CLICK_MS);
      violations.push(...(await awaitIdle(environment, senders, Date.now())).violations);
    }
    progress.say('checking the final state');
    const result = await judge(options, environment, ledger, violations);
    const kept = keep || !result.passed ? dir : null;
    if (kept !== null) {
      process.off('exit', cleanUp);
      await writeFile(join(dir, 'ledger.json'), ledgerText(ledger));
    }
    return { ...result, recoveries, tookSeconds: Math.round((performance.now() - began) / 1000), dir: kept };
  } finally {
    progress.done();
    await environment.stop();
  }
}

/** The program is idle by then. */
const LAST_CLICK_MS = 600_000;

/** Where the machine is too busy for the program, no click may have been answered in time while there was load. */
const hasClickedForTicket = ({ clicks }: Ledger): boolean =>
  clicks.some(({ status, body }) => status === 200 && typeof body?.ticket_id === 'number');

/** Waits until every process has started. */
async function ready({ fleet }: Environment): Promise<void> {
  while (!fleet.processes.every((process) => process.isUp())) {
    const [ended] = fleet.complaints;
    if (ended) throw new Error(`${ended.process} did not start: ${ended.text}`);
    await sleep(100);
  }
}

function status({ counts, creates }: Ledger): string {
  return `${counts.get('incidents') ?? 0} incidents, ${creates.length} tickets, ${counts.get('fault: kill') ?? 0} kills`;
}
