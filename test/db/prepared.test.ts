import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addJobs } from '../../src/actors/enqueue.ts';
import { retryConflicts } from '../../src/actors/retryConflicts.ts';
import { pipelineAll } from '../../src/db/pipeline.ts';
import { createPool, type PoolOptions, transaction } from '../../src/db/pool.ts';
import { prepared, queryPrepared } from '../../src/db/prepared.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** Statements that each connection parses once. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ECHO = prepared('select $1::int as n');

/** Of one connection, so that all statements share it. */
async function withPool(options: PoolOptions, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(database.url, 1, createLog({ level: 'silent' }), { keepsPlans: true, ...options });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}

const echo = (pool: Pool, n: number) =>
  transaction(pool, async (client) => (await queryPrepared(client, ECHO, [n])).rows);
const kept = async (pool: Pool) => (await pool.query('select name from pg_prepared_statements')).rows;

test('a connection keeps a prepared statement', () =>
  withPool({}, async (pool) => {
    expect([await echo(pool, 1), await echo(pool, 2)]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    expect(await kept(pool)).toEqual([{ name: ECHO.name }]);
  }));

test('a prepared statement that was first sent behind one that failed can be used afterwards', () =>
  withPool({}, async (pool) => {
    const failed = transaction(pool, (client) =>
      pipelineAll(client, [
        () => client.query('select 1 / 0'),
        () => queryPrepared(client, ECHO, [1]),
        () => queryPrepared(client, ECHO, [2]),
      ]),
    );
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('division by zero') });
    expect(await echo(pool, 3)).toEqual([{ n: 3 }]);
  }));

test('the error is that of the statement that failed, not of one that was to be prepared behind it', () =>
  withPool({}, async (pool) => {
    const failed = transaction(pool, (client) =>
      pipelineAll(client, [
        async () => {
          // So this statement is sent last, and refers to what the one before it was to prepare.
          await Promise.resolve();
          await queryPrepared(client, ECHO, [2]);
        },
        () => client.query('select 1 / 0'),
        () => queryPrepared(client, ECHO, [1]),
      ]),
    );
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('division by zero') });
  }));

test('a connection that has added jobs adds more after a migration changed the columns of jobs', () =>
  withPool({}, async (pool) => {
    const addJob = () =>
      transaction(pool, (client) => addJobs(client, [{ identifier: 'work', payload: {}, priority: 0 }]));
    await addJob();
    await pool.query(`
      create type graphile_worker.later_job as (id bigint);
      drop function graphile_worker.add_jobs;
      create function graphile_worker.add_jobs(
        specs graphile_worker.job_spec[], job_key_preserve_run_at boolean default false
      ) returns setof graphile_worker.later_job language sql as 'select 1::bigint'`);
    await addJob();
  }));

test('a connection is replaced whose prepared statement returns other columns after a migration, and the work repeated', () =>
  withPool({}, async (pool) => {
    await pool.query('create table shapes (n int)');
    const read = () =>
      transaction(pool, (client) => queryPrepared(client, { name: 'shapes', text: 'select * from shapes' }, []));
    expect((await read()).fields).toHaveLength(1);
    await pool.query('alter table shapes add m int');
    expect((await retryConflicts(createLog({ level: 'silent' }), read)).fields).toHaveLength(2);
  }));

test('nothing is prepared through a pooler in transaction mode', () =>
  withPool({ throughPooler: true }, async (pool) => {
    expect(await echo(pool, 1)).toEqual([{ n: 1 }]);
    expect(await kept(pool)).toEqual([]);
  }));

test('nothing is prepared on a pool for statements of all kinds', () =>
  withPool({ keepsPlans: false }, async (pool) => {
    expect(await echo(pool, 1)).toEqual([{ n: 1 }]);
    expect(await kept(pool)).toEqual([]);
  }));

test('a plan from the time when a table was empty still uses its index once the table is full', () =>
  withPool({}, async (pool) => {
    await pool.query('create table filling (id int primary key); analyze filling');
    const find = prepared('select id from filling where id = $1');
    for (let n = 0; n < 10; n++) await queryPrepared(pool, find, [n]);
    await pool.query('insert into filling select generate_series(1, 20_000)');
    const { rows } = await pool.query(`explain execute "${find.name}" (7)`);
    expect(JSON.stringify(rows)).toContain('Index');
  }));
