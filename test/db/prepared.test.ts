import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type PoolOptions, transaction, withoutWaiting } from '../../src/db/pool.ts';
import { type Prepared, queryPrepared } from '../../src/db/prepared.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** Statements that each connection parses once. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ECHO: Prepared = { name: 'echo', text: 'select $1::int as n' };

/** Of one connection, so that all statements share it. */
async function withPool(options: PoolOptions, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(database.url, 1, createLog({ level: 'silent' }), options);
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
    expect(await kept(pool)).toEqual([{ name: 'echo' }]);
  }));

test('a prepared statement that was first sent behind one that failed can be used afterwards', () =>
  withPool({}, async (pool) => {
    const failed = transaction(pool, (client) =>
      withoutWaiting(client, [
        () => client.query('select 1 / 0'),
        () => queryPrepared(client, ECHO, [1]),
        () => queryPrepared(client, ECHO, [2]),
      ]),
    );
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('division by zero') });
    expect(await echo(pool, 3)).toEqual([{ n: 3 }]);
  }));

test('nothing is prepared through a pooler in transaction mode', () =>
  withPool({ throughPooler: true }, async (pool) => {
    expect(await echo(pool, 1)).toEqual([{ n: 1 }]);
    expect(await kept(pool)).toEqual([]);
  }));
