import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type RestartableDatabase, startRestartableDatabase } from './database.ts';
import { installClock } from './databaseClock.ts';

let dir: string;
let database: RestartableDatabase;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-failover-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  database = await startRestartableDatabase(join(dir, 'postgres'));
});
afterAll(async () => {
  await database.stop();
  await rm(dir, { recursive: true, force: true });
});

test('a standby takes over with every confirmed row, and so does the standby of that one', async () => {
  await database.rows('create table confirmed (n int)');
  const urls = [database.url];
  for (const n of [1, 2]) {
    await database.addStandby();
    await database.rows('insert into confirmed values ($1)', [n]);
    await database.failOver();
    urls.push(database.url);
  }
  expect(await database.rows('select n from confirmed order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  expect(new Set(urls).size).toBe(3);
  await database.rows('insert into confirmed values (3)');
});

test('open sessions, defaults of tables and the standby have the clock that was set', async () => {
  await installClock(database.url);
  await database.rows('create table dated (at timestamptz default now())');
  const session = new pg.Client({ connectionString: database.url });
  await session.connect();
  onTestFinished(() => session.end());
  const hoursOff = ({ at }: { at: Date }) => Math.round((at.getTime() - Date.now()) / 3_600_000);
  await database.addStandby();
  await database.stepClock(-5 * 3_600_000);
  await database.stepClock(2 * 3_600_000);
  const read = 'select clock_timestamp() as at';
  await expect.poll(async () => (await session.query<{ at: Date }>(read)).rows.map(hoursOff)).toEqual([-3]);
  await session.query('insert into dated default values');
  session.on('error', () => undefined);
  await database.failOver();
  expect((await database.rows<{ at: Date }>('select at from dated')).map(hoursOff)).toEqual([-3]);
  expect((await database.rows<{ at: Date }>(read)).map(hoursOff)).toEqual([-3]);
});
