import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withRepeatableRelease } from '../../src/actors/repeatableRelease.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

const log = createLog({ level: 'silent' });
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** What the library that runs the jobs does with an error: it releases what there is. */
const connected = (pool: pg.Pool) =>
  new Promise<{ error: Error | undefined; hasRelease: boolean }>((resolve) => {
    withRepeatableRelease(pool).connect((error, _client, release?: () => void) => {
      release?.();
      resolve({ error, hasRelease: release !== undefined });
    });
  });

it('a connection that is released twice is in the pool once', async () => {
  const pool = createPool(database.url, 1, log);
  await new Promise<void>((resolve, reject) => {
    withRepeatableRelease(pool).connect((error, _client, release) => {
      if (error) return reject(error);
      release();
      release();
      resolve();
    });
  });
  expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 });
  await pool.end();
});

it('there is nothing to release where the pool was full or has ended', async () => {
  const pool = createPool(database.url, 1, log, { connectMs: 50 });
  const taken = await pool.connect();
  expect(await connected(pool)).toMatchObject({ error: expect.any(Error), hasRelease: false });
  taken.release();
  await pool.end();
  expect(await connected(pool)).toMatchObject({ error: expect.any(Error), hasRelease: false });
});
