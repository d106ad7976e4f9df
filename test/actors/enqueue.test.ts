import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addJobs, inboxJob } from '../../src/actors/enqueue.ts';
import { transaction } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a job is put off by the clock of the database, whatever that of the process says', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  try {
    await transaction(database.pool, (client) => addJobs(client, [inboxJob('toy:later', 5_000)]));
  } finally {
    vi.useRealTimers();
  }
  const { rows } = await database.pool.query<{ seconds: number }>(
    'select extract(epoch from run_at - created_at)::float8 as seconds from graphile_worker._private_jobs',
  );
  expect(rows).toEqual([{ seconds: 5 }]);
});
