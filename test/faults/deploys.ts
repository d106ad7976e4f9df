import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type WaitingForNewer, waitingForNewer } from '../../src/actors/newerRelease.ts';
import type { RestartableDatabase } from './database.ts';
import type { FleetProcess } from './fleetProcess.ts';
import { count, type Ledger } from './ledger.ts';
import { alertVersion, registryOf } from './releases.ts';

const CHECK_MS = 100;
/** A busy machine stops and starts a process within this time. */
const RESTARTED_WITHIN_MS = 90_000;
/** While there is load, an alert changes by then, also on a busy machine. */
const CHANGED_WITHIN_MS = 30_000;

type Deployable = Pick<FleetProcess, 'release' | 'runs' | 'deploy'>;

/**
 * Deploys of later releases, one after the other. Each comes to every second process, runs beside the one before, is
 * rolled back, and comes to all processes in the end.
 */
export function createDeploys({
  processes,
  database,
  ledger,
  mayRestart,
}: {
  processes: readonly Deployable[];
  database: Pick<RestartableDatabase, 'rows' | 'url'>;
  ledger: Pick<Ledger, 'counts' | 'deploys'>;
  mayRestart: (process: Deployable) => boolean;
}) {
  let last: Promise<void> = Promise.resolve();

  /** Restarts the processes one by one, as a platform does. One that does not start in time gets the release later. */
  async function bring(release: number, to: readonly Deployable[]): Promise<void> {
    for (const process of to)
      await found(RESTARTED_WITHIN_MS, async () => {
        if (mayRestart(process)) process.deploy(release);
        return process.runs(release) || null;
      });
  }

  /** Null where it has changed none, or the database is away. */
  async function changedBy(release: number): Promise<string | null> {
    const rows = await database
      .rows<{ id: string }>("select id from actors where kind = 'alert' and version = $1 limit 1", [
        alertVersion(release),
      ])
      .catch(() => []);
    return rows[0]?.id ?? null;
  }

  async function play(on: number, ms: number): Promise<void> {
    const before = Math.max(...processes.map(({ release }) => release));
    const after = before + 1;
    const first = processes.filter((_, n) => (on + n) % 2 === 0);
    await bring(after, first);
    count(ledger.counts, 'fault: deploy');
    await found(CHANGED_WITHIN_MS, () => changedBy(after));
    await sleep(ms);

    await bring(before, first);
    count(ledger.counts, 'fault: rollback');
    await sleep(ms);
    const waiting = await found(CHANGED_WITHIN_MS, () => waitingBeside(database.url, before));

    await bring(after, processes);
    ledger.deploys.push({ release: after, waiting });
  }

  return {
    deploy(on: number, ms: number): Promise<void> {
      last = last.then(() => play(on, ms));
      return last;
    },
  };
}

/** Looks until there is something, for this time at most. */
async function found<T>(mostMs: number, look: () => Promise<T | null>): Promise<T | null> {
  for (const until = performance.now() + mostMs; performance.now() < until; await sleep(CHECK_MS)) {
    const result = await look();
    if (result !== null) return result;
  }
  return null;
}

/** What processes of this release say that waits for a newer one. Null also where the database does not answer. */
async function waitingBeside(url: string, release: number): Promise<WaitingForNewer | null> {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'faults' });
  pool.on('error', () => undefined);
  try {
    return await waitingForNewer(pool, registryOf(release));
  } catch {
    return null;
  } finally {
    await pool.end();
  }
}
