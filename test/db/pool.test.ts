import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDatabaseGone } from '../../src/db/databaseGone.ts';
import { createPool, transaction } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, startTestCluster, type TestCluster, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

const quiet = createLog({ level: 'silent' });

/** The error that a promise is rejected with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );

describe('a pool', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.pool.query('create table notes (id bigint primary key, body text not null)');
  });
  beforeEach(() => database.pool.query('delete from notes'));
  afterAll(() => database.drop());

  const notes = async (): Promise<unknown[]> => (await database.pool.query('select * from notes order by id')).rows;

  it('reads bigint as number', async () => {
    await database.pool.query(`insert into notes values (9007199254740991, 'the largest safe one')`);
    expect(await notes()).toEqual([{ id: Number.MAX_SAFE_INTEGER, body: 'the largest safe one' }]);
  });

  it('names itself to the database and limits its statements', async () => {
    const { rows } = await database.pool.query(
      `select current_setting('application_name') as name, current_setting('statement_timeout') as patience`,
    );
    expect(rows).toEqual([{ name: 'auto-ticketing', patience: '10s' }]);
  });

  it('commits a transaction and returns its result', async () => {
    const result = await transaction(database.pool, async (client) => {
      await client.query(`insert into notes values (1, 'kept')`);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await notes()).toEqual([{ id: 1, body: 'kept' }]);
  });

  it('rolls back a transaction that throws', async () => {
    const failure = new Error('thought better of it');

    const promise = transaction(database.pool, async (client) => {
      await client.query(`insert into notes values (1, 'lost')`);
      throw failure;
    });

    await expect(promise).rejects.toBe(failure);
    expect(await notes()).toEqual([]);
  });

  it('rejects a transaction whose failed statement was caught', async () => {
    const promise = transaction(database.pool, async (client) => {
      await client.query(`insert into notes values (1, 'lost')`);
      await client.query('select nonsense').catch(() => undefined);
    });

    await expect(promise).rejects.toThrow('rolled back');
    expect(await notes()).toEqual([]);
  });

  it('survives a connection that breaks in the middle of a transaction', async () => {
    const promise = transaction(database.pool, async (client) => {
      await client.query(`insert into notes values (1, 'lost')`);
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    });

    expect(isDatabaseGone(await failureOf(promise))).toBe(true);
    expect(await notes()).toEqual([]);
  });

  it('survives a connection that breaks while a transaction waits for something else', async () => {
    const promise = transaction(database.pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const broken = new Promise((resolve) => client.once('end', resolve));
      await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await broken;
      await client.query(`insert into notes values (1, 'lost')`);
    });

    expect(isDatabaseGone(await failureOf(promise))).toBe(true);
    expect(await notes()).toEqual([]);
  });

  it('replaces a connection whose server refuses to write, however it was used', async () => {
    const pool = createPool(database.url, 1, quiet);
    const pid = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
    const demote = async () => {
      await pool.query('set default_transaction_read_only = on');
      return pid();
    };
    const write = `insert into notes values (1, 'lost')`;

    const first = await demote();
    expect(await failureOf(transaction(pool, (client) => client.query(write)))).toMatchObject({ code: '25006' });
    const second = await demote();
    expect(second).not.toBe(first);
    const client = await pool.connect();
    expect(await failureOf(client.query(write))).toMatchObject({ code: '25006' });
    client.release();
    expect(await pid()).not.toBe(second);
    await pool.query(write);
    expect(await notes()).toHaveLength(1);
    await pool.end();
  });

  it('rejects when no connection becomes free in time', async () => {
    const pool = createPool(database.url, 1, quiet);
    const busy = await pool.connect();

    expect(isDatabaseGone(await failureOf(pool.query('select 1')))).toBe(true);

    busy.release();
    await pool.end();
  });
});

describe('a pool that has ended', () => {
  it('does not log that the server closes one of its connections', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
    const pool = createPool('postgres://console@127.0.0.1:1/console', 1, log);
    const lost = new Error('terminating connection due to administrator command');
    await pool.end();
    pool.emit('error', lost);
    expect(lines).toEqual([]);
  });
});

describe('a pool whose server goes away', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.drop());

  it.each(['crash', 'stop'] as const)(
    'logs the loss after a %s, and works again when the server is back',
    async (end) => {
      const lines: Record<string, unknown>[] = [];
      const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line)) } });
      const pool = createPool(cluster.url, 5, log, { connectMs: WAIT_TIMEOUT_MS });
      await Promise.all([1, 2, 3].map(() => pool.query('select 1')));

      await cluster[end]();
      await eventually(() => expect(lines).toHaveLength(1));
      expect(lines).toMatchObject([{ level: 'WARNING', msg: 'database connection lost' }]);
      // A session that has not noticed the end of its server yet still answers.
      await eventually(async () => expect(isDatabaseGone(await failureOf(pool.query('select 1')))).toBe(true));
      await eventually(async () =>
        expect(isDatabaseGone(await failureOf(transaction(pool, async () => 'never')))).toBe(true),
      );

      await cluster.start();
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await pool.end();
    },
  );
});
