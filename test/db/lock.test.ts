import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { withFleetLock } from '../../src/db/lock.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { startTcpRelay } from '../support/tcpRelay.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('one at a time does the work', async () => {
  const inside = await withFleetLock(database.url, 'one', () => withFleetLock(database.url, 'one', async () => 'two'));
  expect(inside).toBeNull();
  expect(await withFleetLock(database.url, 'one', async () => 'done')).toBe('done');
});

it('a lock is free once its work is done, although the server has not noticed the end of the session', async () => {
  const relay = await startTcpRelay(database.url);
  const unlocked = vi.fn(() => relay.freeze('to_database'));
  relay.onRequest('pg_advisory_unlock', unlocked);
  expect(await withFleetLock(relay.url, 'freed', async () => 'done')).toBe('done');
  expect(unlocked).toHaveBeenCalledOnce();
  expect(await withFleetLock(database.url, 'freed', async () => 'next')).toBe('next');
  await relay.stop();
});

it('a lock that gets no answer is given up', async () => {
  const relay = await startTcpRelay(database.url);
  relay.onRequest('pg_try_advisory_lock', () => relay.freeze('from_database'));
  await expect(withFleetLock(relay.url, 'unanswered', async () => 'done')).rejects.toThrow('timeout');
  await relay.stop();
});
