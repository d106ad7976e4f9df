import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepConnected } from '../../src/db/keepConnected.ts';
import { withMigrationClient, withMigrationPool } from '../../src/db/migrationClient.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

/**
 * When the database ends the session of a process that stands still, or of a host that vanished. That it does, and what
 * follows, is shown by test/actors/deliverStuck.test.ts, test/actors/lostHosts.test.ts and test/db/migrate.test.ts.
 */
const VANISHED = { idle: '4', interval: '2', count: '3', unacknowledged: '10000' };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function limitsOf(db: { query(text: string): Promise<{ rows: unknown[] }> }): Promise<unknown> {
  const { rows } = await db.query(`
    select current_setting('tcp_keepalives_idle') as idle, current_setting('tcp_keepalives_interval') as interval,
      current_setting('tcp_keepalives_count') as count, current_setting('tcp_user_timeout') as unacknowledged,
      current_setting('idle_in_transaction_session_timeout') as in_transaction,
      current_setting('idle_session_timeout') as silent`);
  return rows[0];
}

it('a transaction of a pool ends after ten seconds without a statement', async () => {
  expect(await limitsOf(database.pool)).toEqual({ ...VANISHED, in_transaction: '10s', silent: '0' });
});

it('a transaction of a release step ends after ten seconds without a statement', async () => {
  const limits = { ...VANISHED, in_transaction: '10s', silent: '0' };
  expect(await withMigrationClient(database.url, limitsOf)).toEqual(limits);
  expect(await withMigrationPool(database.url, limitsOf)).toEqual(limits);
});

// Other processes take the jobs over four seconds later and look each second, so they have them within 15 seconds.
it('the lock of a pool of workers is free after six seconds without a sign of life', async () => {
  let limits: unknown;
  const connection = keepConnected({
    databaseUrl: database.url,
    name: 'session limits',
    log: createLog({ level: 'silent' }),
    prepare: async (client) => {
      limits = await limitsOf(client);
    },
  });
  await eventually(() => expect(limits).toEqual({ ...VANISHED, in_transaction: '0', silent: '6s' }));
  await connection.stop();
});
