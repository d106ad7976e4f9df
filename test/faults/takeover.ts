import { setTimeout as sleep } from 'node:timers/promises';
import { livenessKey } from '../../src/actors/liveness.ts';
import type { Environment } from './environment.ts';
import type { FleetProcess } from './fleetProcess.ts';
import { count, type Ledger } from './ledger.ts';

/** The program has to take over the jobs of a vanished host within this time. */
export const TAKEN_OVER_WITHIN_MS = 15_000;
/** The run waits for longer, to distinguish late from never. */
const GIVE_UP_MS = 60_000;
const CHECK_MS = 50;
/** While there is load, a process works on a job by then. */
const JOB_WITHIN_MS = 30_000;
/** How long a query takes on a busy machine. */
const USUAL_CHECK_MS = 200;

/**
 * Waits until a process works on a job, makes its host vanish (the process ends, and the database is not told), and
 * measures how long the jobs stay with it. The process is started again elsewhere, with new connections. Another process
 * is spared from faults meanwhile, and must have none when the host vanishes: one that has just started, or has lost the
 * database, cannot know yet how long the vanished one has been away.
 */
export async function loseHost(
  environment: Environment,
  ledger: Ledger,
  on: number,
  witnesses: { isIntact(process: FleetProcess): boolean; spare(process: FleetProcess | null): void },
): Promise<void> {
  const { fleet, database } = environment;
  const { isIntact, spare } = witnesses;
  const inOrder = fleet.processes.map((_, n) => fleet.processes[(on + n) % fleet.processes.length] as FleetProcess);
  for (const until = performance.now() + JOB_WITHIN_MS; performance.now() < until; await sleep(CHECK_MS)) {
    for (const process of inOrder) {
      const link = database.links.get(process.name);
      if (!link || !process.isUp()) continue;
      const ports = link.clientPorts();
      if ((await jobsOf(environment, ports)).length === 0 || !process.isUp()) continue;
      const witness = inOrder.find((other) => other !== process && other.isUp() && isIntact(other));
      if (!witness) continue;
      spare(witness);
      link.freeze();
      process.kill();
      const from = performance.now();
      count(ledger.counts, 'fault: host_lost');
      const jobs = await jobsOf(environment, ports);
      if (jobs.length > 0) {
        const ms = await takenOver(environment, jobs, from);
        ledger.takeovers.push({ process: process.name, jobs: jobs.length, ms });
      }
      link.dropFrozen();
      spare(null);
      return;
    }
  }
}

interface Job {
  id: number;
  pool: string;
}

/** The jobs of the worker pools whose liveness locks are held through connections from these ports. */
const jobsOf = ({ database }: Environment, ports: number[]): Promise<Job[]> =>
  database.server.rows<Job>(
    `select j.id::int, j.locked_by as pool from graphile_worker._private_jobs j where exists (
       select from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.granted and a.client_port = any($1)
         and (l.classid::bigint << 32) | l.objid::bigint = ${livenessKey('j.locked_by')})`,
    [ports],
  );

async function takenOver({ database }: Environment, jobs: Job[], from: number): Promise<number | null> {
  let stalledMs = 0;
  for (;;) {
    const checkedAt = performance.now();
    const left = await database.server.rows(
      'select from graphile_worker._private_jobs where id = any($1) and locked_by = any($2)',
      [jobs.map(({ id }) => id), jobs.map(({ pool }) => pool)],
    );
    const ms = Math.round(performance.now() - from - stalledMs);
    if (left.length === 0) return ms;
    if (ms > GIVE_UP_MS) return null;
    await sleep(CHECK_MS);
    // The limit holds for a machine that runs what is ready to run.
    stalledMs += Math.max(0, performance.now() - checkedAt - CHECK_MS - USUAL_CHECK_MS);
  }
}
