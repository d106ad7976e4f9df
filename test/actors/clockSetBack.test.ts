import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startWorkers } from '../../src/actors/jobs.ts';
import { takeLease } from '../../src/db/lease.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, execute, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

const log = createLog({ level: 'silent' });
let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** Puts a clock before the real one that sessions from now on read, and that can be set. */
async function installClock(): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  await execute(
    database.url,
    `create schema clock; create table clock.step (by interval not null); insert into clock.step values ('0');
     create function clock.clock_timestamp() returns timestamptz language sql volatile as
       'select pg_catalog.clock_timestamp() + (select by from clock.step)';
     alter database ${name} set search_path = clock, pg_catalog, public`,
  );
}

function startWork() {
  const pool = createPool(database.url, 4, log);
  const seen = vi.fn(async () => undefined);
  const workers = startWorkers({ pool, databaseUrl: database.url, tasks: { work: seen }, concurrency: 1, log });
  const stop = () => workers.stop().then(() => pool.end());
  return { seen, stop };
}

const addLater = (delay: string) =>
  database.pool.query("select graphile_worker.add_job('work', run_at := now() + $1::interval)", [delay]);

it('a job that was put off before the clock was set back runs after its delay, not an hour later', async () => {
  await installClock();
  const { seen, stop } = startWork();
  await addLater('0');
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
  await addLater('30 minutes');
  await database.pool.query("update clock.step set by = '-1 hour'");
  await eventually(() => expect(seen).toHaveBeenCalledTimes(2));
  await stop();
});

it('a job from before the clock was set back runs in a process that started afterwards', async () => {
  await addLater('0');
  await database.pool.query(
    `update graphile_worker._private_jobs set run_at = run_at + interval '1 hour',
       created_at = created_at + interval '1 hour', updated_at = updated_at + interval '1 hour'`,
  );
  const { seen, stop } = startWork();
  await eventually(() => expect(seen).toHaveBeenCalledTimes(1));
  await stop();
});

it('a lease from before the clock was set back does not count', async () => {
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(true);
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(false);
  await database.pool.query("update leases set taken_until = taken_until + interval '1 hour'");
  expect(await takeLease(database.pool, 'tidy', 30)).toBe(true);
});
