import type { Pool, PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { pipelineAll, pipelinedTransaction, pipelineTwoAtATime } from '../../src/db/pipeline.ts';
import { createPool, transaction } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

/** Statements of one transaction that are sent ahead of the answers to those before them. */

let database: TestDatabase;
/** With one connection, so that a broken one would be used again. */
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('create table notes (id int primary key)');
  pool = createPool(database.url, 1, createLog({ level: 'silent' }), { connectMs: WAIT_TIMEOUT_MS });
});
beforeEach(() => database.pool.query('delete from notes'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const add = (client: PoolClient, id: number) => () => client.query('insert into notes values ($1)', [id]);
const ids = async () => (await pool.query<{ id: number }>('select id from notes order by id')).rows.map(({ id }) => id);
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test('a statement that fails in the middle is the error, takes all others back, and leaves the connection usable', async () => {
  const before = (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
  const failed = failureOf(
    transaction(pool, (client) =>
      pipelineAll(client, [
        add(client, 1),
        async () => {
          await add(client, 2)();
          await add(client, 3)();
        },
        () => client.query('insert into notes values ($1)', [1]),
        add(client, 4),
      ]),
    ),
  );
  expect(await failed).toMatchObject({ code: '23505' });
  expect(await ids()).toEqual([]);
  expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(before);
});

test('a value that cannot be sent fails its own statement only, and the answers of the others stay with them', async () => {
  const answers: unknown[] = [];
  const unsendable = {
    toPostgres() {
      throw new Error('cannot be sent');
    },
  };
  const read = (client: PoolClient, n: number) => async () => {
    answers.push((await client.query('select $1::int as n', [n])).rows[0]);
  };
  const failed = failureOf(
    transaction(pool, (client) =>
      pipelineAll(client, [read(client, 1), () => client.query('select $1::text', [unsendable]), read(client, 2)]),
    ),
  );
  expect(await failed).toMatchObject({ message: 'cannot be sent' });
  expect(answers).toEqual([{ n: 1 }, { n: 2 }]);
  expect(await ids()).toEqual([]);
});

test('statements whose answers do not come in time end with their connection, and the next ones get another', async () => {
  const limits = { connectMs: WAIT_TIMEOUT_MS, statementMs: 1_000 };
  const brief = createPool(database.url, 1, createLog({ level: 'silent' }), limits);
  onTestFinished(() => brief.end());
  const failed = failureOf(
    transaction(brief, async (client) => {
      await client.query('set local statement_timeout = 0');
      await pipelineAll(client, [() => client.query('select pg_sleep(60)'), add(client, 1), add(client, 2)]);
    }),
  );
  const message = expect.stringMatching(/^(Query read timeout|Connection terminated)/);
  expect(await failed).toMatchObject({ message });
  expect((await brief.query('select id from notes')).rows).toEqual([]);
  expect(brief.totalCount).toBe(1);
});

test('a large statement is sent while the one before it runs, and no third one with them', async () => {
  const begun: number[] = [];
  const gates = [gate(), gate(), gate()];
  await transaction(pool, async (client) => {
    const steps = gates.map(({ opened }, n) => () => {
      begun.push(n);
      return opened;
    });
    const nothing = async () => undefined;
    const all = pipelineTwoAtATime(client, [nothing, ...steps.flatMap((step) => [step, nothing])]);
    await expect.poll(() => begun).toEqual([0, 1]);
    await client.query('select 1');
    expect(begun).toEqual([0, 1]);
    gates[1]?.open();
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await all;
  });
});

test('after a large statement that fails none begins but the one that was sent with it', async () => {
  const begun: number[] = [];
  const failed = failureOf(
    transaction(pool, (client) =>
      pipelineTwoAtATime(
        client,
        [1, 1, 2, 3, 4].map((id, n) => () => {
          begun.push(n);
          return add(client, id)();
        }),
      ),
    ),
  );
  expect(await failed).toMatchObject({ code: '23505' });
  expect(begun).not.toContain(3);
  expect(await ids()).toEqual([]);
});

test('statements that are sent while their transaction begins belong to it', async () => {
  let hasBegun = false;
  const failed = failureOf(
    pipelinedTransaction(pool, async (client, begun) => {
      const sent = pipelineAll(client, [() => begun, add(client, 1)]);
      void begun.then(() => {
        hasBegun = true;
      });
      expect(hasBegun).toBe(false);
      await sent;
      expect(hasBegun).toBe(true);
      throw new Error('not wanted');
    }),
  );
  expect(await failed).toMatchObject({ message: 'not wanted' });
  expect(await ids()).toEqual([]);
});

test('a transaction that does not begin as it should ends with the error of its begin', async () => {
  const failed = failureOf(
    pipelinedTransaction(pool, (client, begun) => pipelineAll(client, [() => begun, add(client, 1)]), -5),
  );
  expect(await failed).toMatchObject({ message: expect.stringContaining('lock_timeout') });
  expect(await ids()).toEqual([]);
});
