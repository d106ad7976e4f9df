import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startWorkers, type Tasks, type Workers } from '../../src/actors/jobs.ts';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

const log = createLog({ level: 'silent' });
let database: TestDatabase;
const running: { workers: Workers; pool: pg.Pool }[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const { workers, pool } of running.splice(0)) {
    await workers.stop();
    await pool.end();
  }
  await database.pool.query('delete from graphile_worker._private_jobs');
});
afterAll(() => database.drop());

/** One process that works `work` jobs. */
function work(task: Tasks[string], databaseUrl = database.url): Workers {
  const pool = createPool(databaseUrl, 4, log);
  const tasks = { work: task };
  const workers = startWorkers({ pool, databaseUrl, clock: UNWATCHED, tasks, concurrency: 1, log });
  running.push({ workers, pool });
  return workers;
}

const add = async (payload: object = {}) => {
  await database.pool.query("select graphile_worker.add_job('work', $1)", [JSON.stringify(payload)]);
};
const jobs = async () =>
  (await database.pool.query('select locked_by from graphile_worker._private_jobs order by id')).rows;

/** The job as a process left it that took it so many seconds ago. */
const taken = (by: string, seconds: number) =>
  database.pool.query(
    "update graphile_worker._private_jobs set locked_by = $1, locked_at = now() - $2 * interval '1 second', attempts = 1",
    [by, seconds],
  );

it('a job runs with its payload, and is removed afterwards', async () => {
  const seen: unknown[] = [];
  work(async (payload) => void seen.push(payload));
  await add({ a: 1 });
  await eventually(() => expect(seen).toEqual([{ a: 1 }]));
  await eventually(async () => expect(await jobs()).toEqual([]));
});

it('a job that throws stays in the queue and is retried', async () => {
  const seen = vi.fn(async () => {
    if (seen.mock.calls.length === 1) throw new Error('not today');
  });
  work(seen);
  await add();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(2));
});

it.each([0, 5, 20, 60])('workers that are stopped %i ms after they started do stop', async (ms) => {
  const workers = work(async () => undefined);
  await new Promise((resolve) => setTimeout(resolve, ms));
  await expect(workers.stop()).resolves.toBeUndefined();
});

it('workers that cannot reach the database can be stopped, and hold no connection', async () => {
  const workers = work(async () => undefined, 'postgres://nobody@127.0.0.1:9/nothing');
  await expect(workers.stop()).resolves.toBeUndefined();
});

it('a stopping process lets its running job end', async () => {
  let finish: () => void = () => undefined;
  const begun = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const workers = work(begun);
  await add();
  await eventually(() => expect(begun).toHaveBeenCalled());
  const stopped = workers.stop();
  finish();
  await stopped;
  expect(await jobs()).toEqual([]);
});

it('the job of a process that died is taken over', async () => {
  await add();
  await taken('pool-of-a-dead-process', 3);
  const seen = vi.fn(async () => undefined);
  work(seen);
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
});

it('workers that lose their liveness lock restart and continue', async () => {
  const seen = vi.fn(async () => undefined);
  work(seen);
  await add();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auto-ticketing liveness' and datname = current_database()",
  );
  await add();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(2));
  await eventually(async () => {
    const { rows } = await database.pool.query(
      "select count(*)::int as n from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(rows).toEqual([{ n: 1 }]);
  });
});

it('a job taken over from a living process that adds it again is not lost', async () => {
  const idle = createPool(database.url, 4, log);
  // It has nothing to do with the job itself, and only looks after what others left behind.
  const common = { pool: idle, databaseUrl: database.url, clock: UNWATCHED, concurrency: 1, log };
  running.push({ pool: idle, workers: startWorkers({ ...common, tasks: { rest: vi.fn() } }) });
  const again = () => database.pool.query("select graphile_worker.add_job('work', '{}', job_key := 'one')");
  const seen = vi.fn(async () => {
    if (seen.mock.calls.length > 1) return;
    // As others take it over who cannot see its lock.
    await taken('pool-of-a-dead-process', 0);
    await eventually(async () => expect(await jobs()).toMatchObject([{ locked_by: null }]));
    await again();
  });
  work(seen);
  await again();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(2));
});

it('workers restart when the queue cannot record several failed jobs at once', async () => {
  const pool = createPool(database.url, 6, log);
  let away = false;
  const connect = pool.connect.bind(pool);
  pool.connect = ((then?: Parameters<typeof pool.connect>[0]) => {
    if (!away) return then ? connect(then) : connect();
    const error = new Error('the database is away');
    return then ? then(error, undefined, () => undefined) : Promise.reject(error);
  }) as typeof pool.connect;
  const seen = vi.fn(async () => undefined);
  const lines: string[] = [];
  const refused = () => lines.filter((line) => line.includes('Failed to fail jobs')).length;
  const tasks: Tasks = {
    work: seen,
    fail: async ({ after }: { after: number }) => {
      await eventually(async () => expect((await jobs()).every(({ locked_by }) => locked_by)).toBe(true));
      away = true;
      // One by one, so that they are noted down one by one.
      await eventually(() => expect(refused()).toBeGreaterThanOrEqual(after));
      throw new Error('not today');
    },
  };
  for (const after of [0, 1])
    await database.pool.query("select graphile_worker.add_job('fail', $1)", [JSON.stringify({ after })]);
  const loud = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const common = { pool, databaseUrl: database.url, clock: UNWATCHED, log: loud };
  const workers = startWorkers({ ...common, tasks, concurrency: 4 });
  running.push({ workers, pool });
  await eventually(() => expect(refused()).toBeGreaterThan(1));
  away = false;
  await add();
  await eventually(() => expect(seen).toHaveBeenCalled());
});

it('a connection that fails while the workers stop is released once', async () => {
  const pool = createPool(database.url, 4, log);
  const listener = failingListener(pool);
  const workers = startWorkers({
    pool,
    databaseUrl: database.url,
    clock: UNWATCHED,
    tasks: { work: vi.fn() },
    concurrency: 1,
    log,
  });
  await eventually(() => expect(listener.texts).toHaveLength(1));
  await workers.stop();
  listener.fail();
  await eventually(() => expect(listener.texts).toHaveLength(3));
  await pool.end();
  expect(listener.release).toHaveBeenCalledTimes(1);
});

/** The connection on which the workers wait for notifications: its first statement ends only when it is told to fail. */
function failingListener(pool: pg.Pool) {
  const connect = pool.connect.bind(pool);
  const texts: string[] = [];
  const release = vi.fn();
  let fail: () => void = () => undefined;
  const listening = new Promise<never>((_, reject) => {
    fail = () => reject(new Error('Connection terminated unexpectedly'));
  });
  function connectFailing(callback?: Parameters<typeof pool.connect>[0]) {
    if (!callback) return connect();
    return connect((error, client, done) => {
      const query = client?.query.bind(client) as (...given: unknown[]) => unknown;
      const spied = (...given: unknown[]) => {
        if (!String(given[0]).includes('LISTEN')) return query(...given);
        texts.push(String(given[0]));
        release.mockImplementation(done);
        return texts.length === 1 ? listening : query(...given);
      };
      if (client) Object.assign(client, { query: spied });
      // A pool that has ended gives nothing to release.
      callback(error, client, done && ((reason) => (texts.length > 0 ? release(reason) : done(reason))));
    });
  }
  pool.connect = connectFailing as typeof pool.connect;
  return { texts, release, fail: () => fail() };
}
