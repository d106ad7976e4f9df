import { afterEach, beforeEach, expect, it } from 'vitest';
import { dropOldAuditPartitions } from '../../src/audit/oldPartitions.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await database.pool.query(`
    create table audit_log_2020_01 partition of audit_log for values from ('2020-01-01Z') to ('2020-02-01Z');
    create table audit_log_2020_02 partition of audit_log for values from ('2020-02-01Z') to ('2020-03-01Z');
    insert into audit_log (created_at, action, payload, actor) values
      ('2020-01-31T23:59:59Z', 'a', '{}', 'x'), ('2020-02-01Z', 'b', '{}', 'x'), (now(), 'c', '{}', 'x'),
      ('2019-05-05Z', 'outside', '{}', 'x');
    -- Every day since the first of them is sealed.
    insert into audit_digests (day, row_count, rows_hash, digest)
      select day, 0, '', '' from generate_series('2020-01-01'::date, now(), interval '1 day') as days(day)`);
});
afterEach(() => database.drop());

const actions = async () =>
  (
    await database.pool.query<{ action: string }>(
      "select action from audit_log where action <> 'console.audit.month_deleted' order by action",
    )
  ).rows.map(({ action }) => action);
/** How many whole days ago that was. */
const daysSince = (instant: string) => Math.floor((Date.now() - Date.parse(instant)) / 86_400_000);

it('the audit log is kept for ever by default', async () => {
  expect(await dropOldAuditPartitions(database.pool, 0)).toEqual([]);
  expect(await actions()).toEqual(['a', 'b', 'c', 'outside']);
});

it('a month is dropped once its last row is too old, and no month before that', async () => {
  expect(await dropOldAuditPartitions(database.pool, daysSince('2020-01-31Z'))).toEqual([]);
  expect(await dropOldAuditPartitions(database.pool, daysSince('2020-02-29Z'))).toEqual(['audit_log_2020_01']);
  expect(await actions()).toEqual(['b', 'c', 'outside']);
});

it('a month with a day that is not sealed stays', async () => {
  await database.pool.query(
    `set session_replication_role = replica; delete from audit_digests where day = '2020-02-10'; reset session_replication_role`,
  );
  expect(await dropOldAuditPartitions(database.pool, 1)).toEqual(['audit_log_2020_01']);
  expect(await actions()).toEqual(['b', 'c', 'outside']);
});

it('the present month and rows outside the months stay', async () => {
  expect(await dropOldAuditPartitions(database.pool, 1)).toEqual(
    expect.arrayContaining(['audit_log_2020_01', 'audit_log_2020_02']),
  );
  expect(await actions()).toEqual(['c', 'outside']);
});
