import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Environment } from '../environment.ts';
import { requestFloor } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { coresDuring, PROGRAM } from '../usage.ts';
import { count, waitFor } from '../waitFor.ts';

const INTERVAL_S = 30;
const HANGING = 'a tenth never answers';
const HEALTHY = 'all answer';

export const poller: Scenario = {
  name: 'poller',
  title:
    'One worker checks 10,000 surfaces (surfaces) every 30 s; all of them answer, or a tenth accepts connections and never answers',
  aim: '≤ 25 % of a core, p99 lateness ≤ 1 s; those that hang do not delay the others',
  bound: 'the HTTP requests, and storing each result',
  comparisons: [
    { figure: 'processor ms per check', of: HEALTHY, to: 'bare requests', aim: '–' },
    { figure: PROGRAM, of: HANGING, to: HEALTHY, aim: '–' },
  ],
  limits: [HANGING, HEALTHY].flatMap((lane) => [
    { lane, figure: PROGRAM, aim: '≤ 25' },
    { lane, figure: 'p99 lateness of those that answer, s', aim: '≤ 1' },
  ]),
  sizes: { surfaces: 10_000, rounds: 2, seconds: 60 },
  async prepare(environment, { surfaces, seconds }) {
    const tenth = Math.round(surfaces / 10);
    const lane = async (name: string, database: string, hanging: number): Promise<Lane> => {
      const healthy = surfaces - hanging;
      // Without alerts, which other scenarios measure.
      const settings = await watchedServices(environment, { count: healthy, hanging, severityDown: 'none' });
      const { url, pool } = await environment.database(database);
      const measure = () =>
        observe(environment, { pool, settings: { ...settings, DATABASE_URL: url }, healthy, seconds });
      return { name, measure };
    };
    return [
      await lane(HANGING, 'bench_hanging', tenth),
      await lane(HEALTHY, 'bench_healthy', 0),
      requestFloor(environment),
    ];
  },
};

interface Observed {
  pool: Pool;
  settings: Record<string, string>;
  /** How many surfaces answer. */
  healthy: number;
  seconds: number;
}

/** A worker that is observed for a while once it has checked every surface that answers. */
async function observe(
  environment: Environment,
  { pool, settings, healthy, seconds }: Observed,
): Promise<Record<string, number>> {
  const intervalS = Math.min(INTERVAL_S, seconds);
  const began = await clockOf(pool);
  const worker = await environment.program(['worker'], { ...settings, POLL_INTERVAL_SECONDS: String(intervalS) });
  await untilStatus(pool, healthy, 'OPERATIONAL');
  await waitFor(async () => (await count(pool, CHECKED_SINCE, [began])) >= healthy);
  environment.say(`every surface is checked; observing for ${seconds} s`);
  const from = await clockOf(pool);
  const { cores, usedMs } = await coresDuring({ pool, pids: [worker.pid] }, () => sleep(seconds * 1_000));
  const checks = await count(pool, 'checks where at >= $1', [from]);
  const late = await lateness(pool, from, intervalS);
  await worker.stop();
  return {
    ...cores,
    'p99 lateness of those that answer, s': late,
    'checks per second': checks / seconds,
    'processor ms per check': usedMs.programs / checks,
  };
}

async function clockOf(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ at: Date }>('select clock_timestamp() as at');
  return rows[0]?.at ?? new Date(Number.NaN);
}

const CHECKED_SINCE = "surfaces where id like 'service-%' and checked_at >= $1";

/** How much longer than the interval it was from one check of a surface that answers to the next. */
async function lateness(pool: Pool, since: Date, intervalS: number): Promise<number> {
  const { rows } = await pool.query<{ late: number | null }>(
    `select percentile_cont(0.99) within group (order by greatest(0, gap - $2)) as late
     from (select at, extract(epoch from at - lag(at) over (partition by surface_id order by at))::float8 as gap
           from checks where surface_id like 'service-%') c
     where at >= $1 and gap is not null`,
    [since, intervalS],
  );
  return rows[0]?.late ?? Number.NaN;
}
