import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchClock } from '../../src/actors/clockWatch.ts';
import { startWorkers } from '../../src/actors/jobs.ts';
import { type ClockReadings, createDatabaseClock, type Reading } from '../../src/db/databaseClock.ts';
import { takeLease } from '../../src/db/lease.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { installSteppedClock } from '../support/steppedClock.ts';

const log = createLog({ level: 'silent' });
let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

function startWork() {
  const pool = createPool(database.url, 4, log);
  const seen = vi.fn(async () => undefined);
  const clock = createDatabaseClock(pool, log);
  const tasks = { work: seen };
  const workers = startWorkers({ pool, databaseUrl: database.url, clock, tasks, concurrency: 1, log });
  clock.start();
  const stop = () => {
    clock.stop();
    return workers.stop().then(() => pool.end());
  };
  return { seen, stop };
}

const addLater = (delay: string) =>
  database.pool.query("select graphile_worker.add_job('work', run_at := now() + $1::interval)", [delay]);

/** As a clock that is then set back by an hour would have written them. */
const setJobsAnHourAhead = () =>
  database.pool.query(
    `update graphile_worker._private_jobs set run_at = run_at + interval '1 hour',
       created_at = created_at + interval '1 hour', updated_at = updated_at + interval '1 hour'`,
  );

const LATE = 'select 1 from graphile_worker._private_jobs where run_at > clock_timestamp()';

/** Readings of a clock that was not set. */
function readingsByHand() {
  let report: (reading: Reading) => void = () => undefined;
  const clock: ClockReadings = {
    onReading(listener) {
      report = listener;
      return () => undefined;
    },
  };
  return { clock, read: () => report({ databaseMs: 5_000, askedAt: 1_000, answeredAt: 1_000 }) };
}

it('a job that was put off before the clock was set back runs after its delay, not an hour later', async () => {
  const clock = await installSteppedClock(database.url);
  const { seen, stop } = startWork();
  await addLater('0');
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
  await addLater('30 minutes');
  await clock.step('-1 hour');
  await eventually(() => expect(seen).toHaveBeenCalledTimes(2));
  await stop();
});

it('a job from before the clock was set back runs in a process that started afterwards', async () => {
  await addLater('0');
  await setJobsAnHourAhead();
  const { seen, stop } = startWork();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
  await stop();
});

it('a job that is running while the clock is set back runs again soon after it fails, not an hour later', async () => {
  await addLater('0');
  // It was added so long ago that nothing but its own time shows the step.
  await database.pool.query(
    `update graphile_worker._private_jobs
     set created_at = created_at - interval '2 hours', updated_at = updated_at - interval '2 hours'`,
  );
  let fail: () => void = () => undefined;
  const failed = new Promise<void>((_, reject) => {
    fail = () => reject(new Error('the database was away'));
  });
  const work = vi.fn<() => Promise<void>>(async () => undefined).mockImplementationOnce(() => failed);
  const pool = createPool(database.url, 4, log);
  const { clock, read } = readingsByHand();
  const workers = startWorkers({ pool, databaseUrl: database.url, clock, tasks: { work }, concurrency: 1, log });
  await eventually(() => expect(work).toHaveBeenCalledTimes(1));
  await setJobsAnHourAhead();
  await eventually(async () => {
    read();
    expect((await database.pool.query(LATE)).rowCount).toBe(0);
  });
  fail();
  await eventually(() => expect(work).toHaveBeenCalledTimes(2));
  await workers.stop();
  await pool.end();
});

it('the delays of jobs begin again at a later reading if the jobs could not be reached at first', async () => {
  await addLater('0');
  await setJobsAnHourAhead();
  const query = vi.fn((text: string, values: unknown[]) => database.pool.query(text, values));
  query.mockRejectedValueOnce(new Error('Connection terminated unexpectedly'));
  const { clock, read } = readingsByHand();
  watchClock({ query } as unknown as Pool, clock, log);
  await eventually(() => {
    read();
    expect(query).toHaveBeenCalledTimes(2);
  });
  await query.mock.results[1]?.value;
  expect((await database.pool.query(LATE)).rowCount).toBe(0);
  read();
  expect(query).toHaveBeenCalledTimes(2);
});

it('a lease from before the clock was set back does not count', async () => {
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(true);
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(false);
  await database.pool.query("update leases set taken_until = taken_until + interval '1 hour'");
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(true);
});
