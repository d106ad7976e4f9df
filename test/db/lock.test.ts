import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { withFleetLock } from '../../src/db/lock.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';

let database: TestDatabase;
let relay: TcpRelay;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  relay = await startTcpRelay(database.url);
});
afterEach(() => relay.stop());
afterAll(() => database.drop());

it('one at a time does the work', async () => {
  const inside = await withFleetLock(database.url, 'one', () => withFleetLock(database.url, 'one', async () => 'two'));
  expect(inside).toBeNull();
  expect(await withFleetLock(database.url, 'one', async () => 'done')).toBe('done');
});

it('work ends although the network to its lock went silent', async () => {
  const work = async () => {
    relay.freeze();
    return 'done';
  };
  expect(await withFleetLock(relay.url, 'silent', work)).toBe('done');
});

it('a lock that gets no answer is given up', async () => {
  relay.onRequest('pg_try_advisory_lock', () => relay.freeze('from_database'));
  await expect(withFleetLock(relay.url, 'unanswered', async () => 'done')).rejects.toThrow('timeout');
});
