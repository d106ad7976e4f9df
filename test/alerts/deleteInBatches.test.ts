import type { ClientBase } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteInBatches } from '../../src/alerts/deleteInBatches.ts';
import { forgetRecords } from '../../src/alerts/forgetRecords.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.pool.query('create table records as select generate_series(1, 300) as id');
});
afterAll(() => db.drop());

async function exceedLimit(client: ClientBase): Promise<void> {
  await client.query("set local statement_timeout = '1ms'");
  await client.query('select pg_sleep(10)');
}

it('a batch that takes too long is tried again with half as many records, and the next ones have no more', async () => {
  const sizes: number[] = [];
  async function deleteSome(client: ClientBase, _days: number, limit: number): Promise<number> {
    sizes.push(limit);
    if (limit > 50) await exceedLimit(client);
    const { rowCount } = await client.query('delete from records where id in (select id from records limit $1)', [
      limit,
    ]);
    return rowCount ?? 0;
  }
  expect(await deleteInBatches(db.pool, { days: 30 }, deleteSome)).toBe(300);
  expect(sizes).toEqual([200, 100, ...Array.from({ length: 7 }, () => 50)]);
});

it('a record that always takes too long ends the run with its error', async () => {
  const slow = async (client: ClientBase): Promise<number> => {
    await exceedLimit(client);
    return 1;
  };
  await expect(deleteInBatches(db.pool, { days: 30, atOnce: 4 }, slow)).rejects.toMatchObject({ code: '57014' });
});

it('old records of the other kinds are deleted although those of one kind cannot be', async () => {
  await db.pool.query('alter table filings rename to filings_elsewhere');
  await db.pool.query(
    `insert into direct_messages (id, thread, kind, source, body, phase, created_at)
     values ('dm:umbrella:a:1', 't', 'grouped', 'a', '{}', 'sent', now() - interval '500 days')`,
  );
  const failed: string[] = [];
  await forgetRecords(db.pool, { days: 400, onFailure: (table) => void failed.push(table) });
  expect(failed).toContain('filings');
  expect(failed).not.toContain('direct_messages');
  expect((await db.pool.query("select from direct_messages where kind = 'grouped'")).rowCount).toBe(0);
});
