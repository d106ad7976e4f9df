import { expect, onTestFinished, test } from 'vitest';
import { COMMITS_ASYNCHRONOUSLY } from '../../src/db/asynchronousCommit.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

test('only the statement that says so commits without waiting for the disk', async () => {
  const database = await createTestDatabase();
  // With one connection, so that its setting counts for all statements.
  const pool = createPool(database.url, 1, createLog({ level: 'silent' }), { connectMs: WAIT_TIMEOUT_MS });
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  // The databases of tests never wait for the disk.
  await pool.query('set synchronous_commit = on');
  const { rows } = await pool.query(
    `select current_setting('synchronous_commit') as it where ${COMMITS_ASYNCHRONOUSLY}`,
  );
  expect(rows).toEqual([{ it: 'off' }]);
  expect((await pool.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]);
});
