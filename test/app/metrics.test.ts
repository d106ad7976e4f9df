import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMetrics } from '../../src/app/metrics.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

const OLDEST = 'auto_ticketing_dead_letter_oldest_seconds';
const silent = createLog({ level: 'silent' });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Samples of the gauge: lines of the exposition format that are not comments. */
const samples = async (metrics: ReturnType<typeof createMetrics>): Promise<string[]> =>
  (await metrics.registry.getSingleMetricAsString(OLDEST)).split('\n').filter((line) => line.startsWith(OLDEST));

it('the age of the oldest dead letter is 0 while there is none', async () => {
  expect(await samples(createMetrics(database.pool))).toEqual([`${OLDEST} 0`]);
});

it('the age of the oldest dead letter is absent while the database is away', async () => {
  // Nothing listens on port 9.
  const pool = createPool('postgres://127.0.0.1:9/none', 1, silent);
  expect(await samples(createMetrics(pool))).toEqual([]);
  await pool.end();
});

it('the age of the oldest dead letter becomes absent when the database goes away', async () => {
  const pool = createPool(database.url, 1, silent, { connectMs: WAIT_TIMEOUT_MS });
  const metrics = createMetrics(pool, 0);
  expect(await samples(metrics)).toHaveLength(1);
  await pool.end();
  expect(await samples(metrics)).toEqual([]);
});

it('scrapes share what they ask the database', async () => {
  let queries = 0;
  const query = async (sql: string) => {
    queries += 1;
    return database.pool.query(sql);
  };
  const metrics = createMetrics({ query } as unknown as typeof database.pool, 3_600_000);
  await Promise.all(Array.from({ length: 100 }, () => metrics.registry.metrics()));
  await metrics.registry.metrics();
  expect(queries).toBe(3);
});

it('whether the database answers is a metric', async () => {
  const up = async (pool: Pool) =>
    (await createMetrics(pool).registry.getSingleMetricAsString('auto_ticketing_database_up')).split('\n').at(-1);
  expect(await up(database.pool)).toBe('auto_ticketing_database_up 1');
  const away = createPool('postgres://127.0.0.1:9/none', 1, silent);
  expect(await up(away)).toBe('auto_ticketing_database_up 0');
  await away.end();
});
