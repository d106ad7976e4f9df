import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { holdLiveness, livenessKey } from '../../src/actors/liveness.ts';
import { createTakeover } from '../../src/actors/takeover.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpRelay } from '../support/tcpRelay.ts';

/** Another process that looks for abandoned jobs; its clock stands still between two looks. */
const GRACE_MS = 4_000;
const log = createLog({ level: 'silent' });
let database: TestDatabase;
let now = 0;
let takeover: ReturnType<typeof createTakeover>;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  takeover = createTakeover(database.pool, log, () => now);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await database.pool.query('delete from graphile_worker._private_jobs');
  takeover.forget();
});
afterAll(() => database.drop());

/** Adds a job that this pool has taken. */
async function addJobOf(poolId: string): Promise<void> {
  const { rows } = await database.pool.query("select (graphile_worker.add_job('work')).id");
  await database.pool.query(
    'update graphile_worker._private_jobs set locked_by = $1, locked_at = now() where id = $2',
    [poolId, rows[0].id],
  );
}
async function takeLock(poolId: string): Promise<void> {
  const session = await database.pool.connect();
  ends.push(() => session.release(true));
  await session.query(`select pg_advisory_lock(${livenessKey('$1')})`, [poolId]);
}
async function isLocked(poolId: string): Promise<boolean> {
  const key = livenessKey('$1');
  const { rows } = await database.pool.query(`select pg_try_advisory_xact_lock(${key}) as free`, [poolId]);
  return !rows[0].free;
}
async function lookAfter(ms: number): Promise<(string | null)[]> {
  now += ms;
  await takeover.look();
  const { rows } = await database.pool.query('select locked_by from graphile_worker._private_jobs order by run_at, id');
  return rows.map(({ locked_by }) => locked_by);
}

it('a job that a transaction of its dead pool still locks keeps no other job from being taken over', async () => {
  for (const _ of [1, 2]) await addJobOf('hung');
  await lookAfter(0);
  const session = await database.pool.connect();
  await session.query('begin; select from graphile_worker._private_jobs order by id limit 1 for update');
  expect(await lookAfter(GRACE_MS)).toEqual(expect.arrayContaining(['hung', null]));
  await session.query('rollback');
  session.release();
  expect(await lookAfter(1)).toEqual([null, null]);
});

it('the job of a pool whose lock has been free throughout the grace period is taken over', async () => {
  await addJobOf('dead');
  expect(await lookAfter(0)).toEqual(['dead']);
  expect(await lookAfter(GRACE_MS - 1)).toEqual(['dead']);
  expect(await lookAfter(1)).toEqual([null]);
});

it('a pool that holds its lock keeps its job, however long that takes', async () => {
  await takeLock('alive');
  await addJobOf('alive');
  await lookAfter(0);
  expect(await lookAfter(3_600_000)).toEqual(['alive']);
});

it('a pool that gets its lock within the grace period keeps its job', async () => {
  await addJobOf('starting');
  expect(await lookAfter(0)).toEqual(['starting']);
  await takeLock('starting');
  expect(await lookAfter(GRACE_MS)).toEqual(['starting']);
});

it('the grace period begins again after a look that failed', async () => {
  await addJobOf('dead');
  await lookAfter(0);
  takeover.forget();
  expect(await lookAfter(GRACE_MS)).toEqual(['dead']);
  expect(await lookAfter(GRACE_MS)).toEqual([null]);
});

it('a process that regains its lock does not wait for its earlier session, which is dead for it but not for the database', async () => {
  const earlier = new pg.Client({ connectionString: database.url, application_name: 'auto-ticketing liveness' });
  const ended = new Promise((resolve) => earlier.once('end', resolve));
  earlier.on('error', () => undefined);
  await earlier.connect();
  await earlier.query(`select pg_advisory_lock(${livenessKey('$1')})`, ['regained']);
  await addJobOf('regained');
  const liveness = holdLiveness({ databaseUrl: database.url, poolId: 'regained', log, onLost: () => undefined });
  ends.push(() => liveness.stop());
  await ended;
  await eventually(async () => expect(await isLocked('regained')).toBe(true));
});

it('a process regains its lock when the database lost its connection, and only the database', async () => {
  const relay = await startTcpRelay(database.url);
  ends.push(() => relay.stop());
  const liveness = holdLiveness({ databaseUrl: relay.url, poolId: 'cut-off', log, onLost: () => undefined });
  ends.push(() => liveness.stop());
  await eventually(async () => expect(await isLocked('cut-off')).toBe(true));
  await addJobOf('cut-off');
  relay.closeServerSide();
  await eventually(async () => {
    expect(relay.connections()).toBeGreaterThan(1);
    expect(await isLocked('cut-off')).toBe(true);
  });
  await lookAfter(0);
  expect(await lookAfter(GRACE_MS)).toEqual(['cut-off']);
});
