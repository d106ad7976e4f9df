import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Environment } from '../environment.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { processorMs } from '../usage.ts';

const INTERVAL_S = 30;

export const poller: Scenario = {
  name: 'poller',
  title:
    'One worker checks 10,000 surfaces (surfaces) every 30 s, a tenth of which accept connections and never answer',
  aim: '≤ 25 % of a core, p99 lateness ≤ 1 s',
  bound: 'the HTTP requests, and storing each result',
  comparisons: [],
  sizes: { surfaces: 10_000, rounds: 1, seconds: 120 },
  async prepare(environment, { surfaces, seconds }) {
    const hanging = Math.round(surfaces / 10);
    const settings = await watchedServices(environment, { count: surfaces - hanging, hanging });
    return [await observedWorker(environment, { settings, healthy: surfaces - hanging, seconds })];
  },
};

interface Observed {
  settings: Record<string, string>;
  healthy: number;
  seconds: number;
}

/** A worker that is observed for a while once every service has been checked. */
export async function observedWorker(
  environment: Environment,
  { settings, healthy, seconds }: Observed,
): Promise<Lane> {
  const { pool } = environment;
  const worker = await environment.program(['worker'], { ...settings, POLL_INTERVAL_SECONDS: String(INTERVAL_S) });
  await untilStatus(pool, healthy, 'OPERATIONAL');
  return {
    name: 'worker',
    async measure() {
      const { rows } = await pool.query<{ at: Date }>('select clock_timestamp() as at');
      const before = processorMs(worker.pid);
      const from = performance.now();
      await sleep(seconds * 1_000);
      const used = processorMs(worker.pid) - before;
      return {
        '% of a core': (100 * used) / (performance.now() - from),
        'p99 lateness in s': await lateness(pool, rows[0]?.at ?? new Date()),
      };
    },
  };
}

/** How much longer than the interval it was from one check of a healthy surface to the next. */
async function lateness(pool: Pool, since: Date): Promise<number> {
  const { rows } = await pool.query<{ late: number | null }>(
    `select percentile_cont(0.99) within group (order by greatest(0, gap - $2)) as late
     from (select at, extract(epoch from at - lag(at) over (partition by surface_id order by at))::float8 as gap
           from checks where surface_id like 'service-%') c
     where at >= $1 and gap is not null`,
    [since, INTERVAL_S],
  );
  return rows[0]?.late ?? Number.NaN;
}
