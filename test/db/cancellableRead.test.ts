import net, { type AddressInfo } from 'node:net';
import type { Pool, QueryResult } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancellableRead } from '../../src/db/cancellableRead.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

/** Long enough that only a cancellation ends the statement within the time of a test. */
const HOURS = 3_600;
const statementMs = HOURS * 1_000;

let database: TestDatabase;
/** With one connection: who gets one afterwards gets that of the statement, or a new one. */
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  pool = createPool(database.url, 1, createLog({ level: 'silent' }), { connectMs: 60_000, statementMs });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const sleeping = async () =>
  (await database.pool.query("select from pg_stat_activity where state = 'active' and query like '%pg_sleep(3600)'"))
    .rowCount;

it('a statement ends in the database when its request ends, and the pool has its connection again', async () => {
  const request = new AbortController();
  const reading = cancellableRead(pool, { signal: request.signal, statementMs }, (client) =>
    client.query(`select pg_sleep(${HOURS})`),
  ).catch((error: unknown) => error);
  await eventually(async () => expect(await sleeping()).toBe(1));
  request.abort();
  expect(await reading).toMatchObject({ code: '57014', message: 'canceling statement due to user request' });
  // The server answers before it shows the end of the statement to others.
  await eventually(async () => expect(await sleeping()).toBe(0));
  const next = await cancellableRead(pool, {}, (client) => client.query('select 1 as one'));
  expect(next.rows).toEqual([{ one: 1 }]);
});

it('a request that ended before its read gets no connection', async () => {
  const reason = new Error('gone');
  const read = cancellableRead(pool, { signal: AbortSignal.abort(reason) }, () => Promise.reject(new Error('read')));
  await expect(read).rejects.toBe(reason);
});

it('a request that ends after its read cancels nothing', async () => {
  const request = new AbortController();
  const pid = () =>
    cancellableRead(pool, { signal: request.signal }, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      return rows[0]?.pid;
    });
  const first = await pid();
  const second = await pid();
  request.abort();
  expect(second).toBe(first);
  expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual([{ pid: first }]);
});

it('a cancellation that is under way ends before the transaction does, after which a pooler would lend its process', async () => {
  const order: string[] = [];
  // Takes the place of the server for cancellations only, which have a connection of their own.
  const server = net.createServer((socket) => {
    order.push('cancellation');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const watched = {
    options: { connectionString: `postgres://nobody@127.0.0.1:${port}/nothing` },
    connect: async () => {
      const client = await pool.connect();
      const query = client.query.bind(client) as (text: string) => Promise<QueryResult>;
      const release = client.release.bind(client);
      return Object.assign(Object.create(client), {
        release,
        query(text: string) {
          order.push(text.split(' ', 1)[0] ?? '');
          return query(text);
        },
      });
    },
  } as unknown as Pool;
  const request = new AbortController();
  try {
    await cancellableRead(watched, { signal: request.signal }, async (client) => {
      await client.query('select 1');
      request.abort();
    });
  } finally {
    server.close();
  }
  expect(order).toEqual(['begin', 'select', 'cancellation', 'commit']);
});

it('a failed read leaves no transaction behind, and nothing can be written in one', async () => {
  const write = cancellableRead(pool, {}, (client) => client.query('create table t ()'));
  await expect(write).rejects.toMatchObject({ code: '25006' });
  expect((await pool.query('select now() = statement_timestamp() as fresh')).rows).toEqual([{ fresh: true }]);
});
