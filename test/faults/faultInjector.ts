import { setTimeout as sleep } from 'node:timers/promises';
import { createDeploys } from './deploys.ts';
import type { Environment } from './environment.ts';
import type { FleetProcess } from './fleetProcess.ts';
import { count, type Ledger } from './ledger.ts';
import { createLinkFaults } from './linkFaults.ts';
import {
  KILL_FAULTS,
  type KillFault,
  LINK_FAULTS,
  type LinkFault,
  NAME_FAULTS,
  type NameFault,
  type PlannedFault,
} from './planFaults.ts';
import type { RoundTimer } from './roundTimer.ts';
import { loseHost } from './takeover.ts';

/** By then a process has recorded a response that it received, and a pool has reconnected. */
const RECORDED_WITHIN_MS = 500;
/** While there is load, a worker comes to most steps of an effect by then. */
const STEP_WITHIN_MS = 10_000;
/** A busy machine starts a process within this time. */
const UP_WITHIN_MS = 30_000;

/** Injects faults. Those of the database are injected one after the other, each when the database is back. */
export function createFaultInjector(environment: Environment, ledger: Ledger, timer: RoundTimer) {
  const { fleet, database, dependencies } = environment;
  const links = createLinkFaults(environment, ledger);
  const running = new Set<Promise<unknown>>();
  let onDatabase: Promise<unknown> = Promise.resolve();
  let atSteps: Promise<unknown> = Promise.resolve();
  let spared: FleetProcess | null = null;
  const deploys = createDeploys({
    ...{ processes: fleet.processes, database: database.server, ledger },
    mayRestart: (process) => process !== spared,
  });

  /** The process of the plan, or the next one that is up. */
  const chosen = (on: number): FleetProcess | undefined =>
    fleet.processes
      .map((_, n) => fleet.processes[(on + n) % fleet.processes.length])
      .find((process) => process?.isUp() && process !== spared);

  function follow(work: Promise<unknown>): void {
    const followed = work.finally(() => running.delete(followed));
    running.add(followed);
  }

  function pause(process: FleetProcess, ms: number): void {
    const from = Date.now();
    ledger.pauses.push({ from, until: from + ms });
    process.pause(ms);
    follow(sleep(ms));
  }

  /** A rare fault waits for a process that is up. */
  async function injectIntoLink(what: LinkFault, on: number, ms: number): Promise<void> {
    for (const until = performance.now() + UP_WITHIN_MS; performance.now() < until; await sleep(100)) {
      const process = chosen(on);
      if (process) return links.break(process, what, ms);
    }
  }

  /** The first worker that comes to the step dies there. One step at a time. */
  async function killAtStep(step: KillFault): Promise<void> {
    const workers = fleet.processes.filter((process) => process.url === null && process !== spared);
    const killed = () => ledger.counts.get(`fault: ${step}`) ?? 0;
    const before = killed();
    for (const worker of workers) worker.arm(step);
    for (const until = performance.now() + STEP_WITHIN_MS; performance.now() < until; await sleep(50))
      if (killed() > before) break;
    for (const worker of workers) worker.arm(null);
    if (killed() === before) count(ledger.counts, 'steps that no worker came to');
  }

  function injectIntoProcess({ what, on, ms }: PlannedFault): void {
    if (isNameFault(what)) {
      follow(dependencies.names.break(on, what, sleep(ms)));
      return;
    }
    if (isLinkFault(what)) {
      follow(injectIntoLink(what, on, ms));
      return;
    }
    if (isKillFault(what)) {
      atSteps = atSteps.then(() => killAtStep(what));
      follow(atSteps);
      return;
    }
    if (what === 'deploy') {
      follow(deploys.deploy(on, ms));
      return;
    }
    if (what === 'pause_in_transaction') {
      follow(
        links.pauseInTransaction(
          (process) => process !== spared,
          (process) => pause(process, ms),
          ms,
        ),
      );
      return;
    }
    const process = chosen(on);
    if (!process) return;
    count(ledger.counts, `fault: ${what}`);
    if (what === 'kill') {
      const from = Date.now() - RECORDED_WITHIN_MS;
      process.kill(() => ledger.unrecordable.push({ from, until: Date.now() }));
    } else if (what === 'term') process.term();
    else if (what === 'clock') process.stepClock();
    else pause(process, ms);
  }

  async function injectIntoDatabase({ what, on, ms }: PlannedFault): Promise<void> {
    if (timer.ended && !isRare(what)) return;
    if (what.startsWith('server_clock')) return stepClock(what, ms);
    const from = Date.now() - RECORDED_WITHIN_MS;
    if (what === 'host_lost') {
      const spare = (process: FleetProcess | null) => {
        spared = process;
        process?.arm(null);
      };
      await loseHost(environment, ledger, on, { isIntact: links.isIntact, spare });
    } else {
      count(ledger.counts, `fault: ${what}`);
      if (what === 'connections_cut') await database.cutConnections();
      else if (what === 'failover' || what === 'failover_silent') {
        ledger.failovers.push(Date.now());
        await database.failOver(what === 'failover_silent');
      } else await database.restart(what === 'database_kill' ? 'SIGKILL' : 'SIGQUIT');
    }
    ledger.unrecordable.push({ from, until: Date.now() + RECORDED_WITHIN_MS });
    // The next failover needs it.
    if (what === 'failover' || what === 'failover_silent') await database.server.addStandby();
  }

  async function stepClock(what: PlannedFault['what'], ms: number): Promise<void> {
    count(ledger.counts, `fault: ${what}`);
    const from = Date.now();
    await database.server.stepClock(what === 'server_clock_back' ? -ms : ms);
    if (what === 'server_clock_hour') ledger.clockHours.push({ from, until: Date.now() + RECORDED_WITHIN_MS });
  }

  return {
    inject(fault: PlannedFault): void {
      if (ON_DATABASE.test(fault.what)) onDatabase = onDatabase.then(() => injectIntoDatabase(fault));
      else injectIntoProcess(fault);
    },
    async over(): Promise<void> {
      await onDatabase;
      // A fault may begin a pause.
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** A vanished host is among them, because the time until its jobs are taken over is measured with the database up. */
const ON_DATABASE = /^(database|connections|failover|host|server_clock)/;
/** A run has as many of them as was asked for, even if they come after the end of its round. */
const isRare = (what: string): boolean => /^(failover|host|server_clock)/.test(what);
const isNameFault = (what: string): what is NameFault => (NAME_FAULTS as readonly string[]).includes(what);
const isKillFault = (what: string): what is KillFault => (KILL_FAULTS as readonly string[]).includes(what);
const isLinkFault = (what: string): what is LinkFault => (LINK_FAULTS as readonly string[]).includes(what);
