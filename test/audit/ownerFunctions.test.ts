import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { oldMonth } from '../support/oldMonth.ts';

/** The functions that run with the rights of the owner of the audit log, whoever calls them. */

const old = oldMonth();

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await database.pool.query(`
    ${old.create};
    update audit_retention set days = 1;
    insert into audit_digests (day, row_count, rows_hash, digest)
      select day, 0, '', '' from generate_series('${old.month}-01'::date, now(), interval '1 day') as days(day)`);
});
afterEach(() => database.drop());

const months = async () =>
  (
    await database.pool.query<{ name: string; bounds: string }>(
      `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'audit_log'::regclass and c.relname ~ '\\d$' order by 1`,
    )
  ).rows;

it('a function that the caller created is not called in place of one of Postgres', async () => {
  await database.pool.query(
    // Postgres has one for text only, so this one fits a name better.
    `create function public."right"(name, integer) returns text language plpgsql as $$ begin raise 'called'; end $$`,
  );
  const { rows } = await database.pool.query('select audit_log_drop_month(1) as dropped');
  expect(rows).toEqual([{ dropped: old.partition }]);
});

it('the time zone and the form of dates of the caller do not move the bounds of a month', async () => {
  const before = await months();
  const client = await database.pool.connect();
  try {
    await client.query(`drop table ${before.at(-1)?.name}`);
    // In this form IST stands for the zone, and is read as that of Israel.
    await client.query("set timezone = 'Asia/Kolkata'; set datestyle = 'SQL, DMY'");
    await client.query('select audit_log_prepare()');
  } finally {
    client.release(true);
  }
  expect(await months()).toEqual(before);
});

it('an old month that somebody reads is not waited for, and is dropped later', async () => {
  const [reader, program] = [await database.pool.connect(), await database.pool.connect()];
  try {
    await reader.query('begin; set local idle_in_transaction_session_timeout = 0; select count(*) from audit_log');
    await program.query('set lock_timeout = 0');
    const drop = () => program.query('select audit_log_drop_month(1) as dropped');
    await expect(drop()).rejects.toMatchObject({ code: '55P03' });
    await reader.query('rollback');
    expect((await drop()).rows).toEqual([{ dropped: old.partition }]);
  } finally {
    reader.release(true);
    program.release(true);
  }
});
