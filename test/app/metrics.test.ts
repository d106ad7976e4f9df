import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDatabaseGauges } from '../../src/app/databaseGauges.ts';
import { createMetrics, createMetricsText } from '../../src/app/metrics.ts';
import { appendAudit } from '../../src/audit/auditLog.ts';
import { readConfig } from '../../src/config/config.ts';
import { createPool } from '../../src/db/pool.ts';
import { createFlags } from '../../src/flags/flags.ts';
import { packageVersion } from '../../src/lib/packageVersion.ts';
import { createLog } from '../../src/log/log.ts';
import { readStatusGrid } from '../../src/surfaces/statusGrid.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

const silent = createLog({ level: 'silent' });
const { flags } = readConfig({ FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: '0' });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** With more time for the database than a scrape has, so that no test but those of this limit needs a quick machine. */
function registryOf(pool: Pool, limits: { readMs?: number } = { readMs: WAIT_TIMEOUT_MS }) {
  const { registry } = createMetrics();
  addDatabaseGauges(registry, {
    pool,
    flags: createFlags(pool, flags, { audit: appendAudit }),
    pollIntervalSeconds: 30,
    sharedMs: 0,
    ...limits,
  });
  return registry;
}

/** Samples of one metric: lines of the exposition format that are not comments, without the prefix. */
const samples = async (registry: ReturnType<typeof registryOf>, name: string): Promise<string[]> =>
  (await registry.getSingleMetricAsString(`auto_ticketing_${name}`))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace('auto_ticketing_', ''));

it('the age of the oldest dead letter is 0 while there is none', async () => {
  expect(await samples(registryOf(database.pool), 'dead_letter_oldest_seconds')).toEqual([
    'dead_letter_oldest_seconds 0',
  ]);
});

it('while the database is away, only the metric that says so is left of its figures', async () => {
  // Nothing listens on port 9.
  const pool = createPool('postgres://127.0.0.1:9/none', 1, silent);
  const registry = registryOf(pool);
  expect(await samples(registry, 'database_up')).toEqual(['database_up 0']);
  for (const name of ['dead_letter_oldest_seconds', 'rows', 'surfaces', 'flag_enabled', 'freescout_failing']) {
    expect(await samples(registry, name)).toEqual([]);
  }
  await pool.end();
});

it('readers who hold every connection of the pages do not make the database count as lost', async () => {
  const pages = createPool(database.url, 1, silent, { connectMs: WAIT_TIMEOUT_MS });
  const reader = await pages.connect();
  const { registry } = createMetrics();
  const flagsOff = createFlags(database.pool, flags, { audit: appendAudit });
  addDatabaseGauges(registry, { pool: pages, reservedPool: database.pool, flags: flagsOff, pollIntervalSeconds: 30 });
  expect(await samples(registry, 'rows')).toEqual([]);
  // On a busy machine the other pool may be asked again.
  await expect.poll(() => samples(registry, 'database_up')).toEqual(['database_up 1']);
  reader.release();
  await pages.end();
});

it('a scrape is answered while the process waits for the migration that creates a column', async () => {
  const missing = Object.assign(new Error('column does not exist'), { code: '42703' });
  const metricsOf = (awaitsMigration: () => boolean) => {
    const { registry } = createMetrics();
    const pool = { query: () => Promise.reject(missing) } as never;
    const source = { pool, reservedPool: database.pool, flags: { list: async () => [] }, pollIntervalSeconds: 30 };
    addDatabaseGauges(registry, { ...source, awaitsMigration });
    return registry.metrics();
  };
  await expect.poll(() => metricsOf(() => true)).toContain('auto_ticketing_database_up 1');
  await expect(metricsOf(() => false)).rejects.toThrow('column does not exist');
});

it('figures become absent when the database goes away', async () => {
  const pool = createPool(database.url, 4, silent, { connectMs: WAIT_TIMEOUT_MS });
  const registry = registryOf(pool);
  const both = async () => [await samples(registry, 'database_up'), await samples(registry, 'poll_late_seconds')];
  expect(await both()).toEqual([['database_up 1'], [expect.stringMatching(/^poll_late_seconds \d/)]]);
  await pool.end();
  expect(await both()).toEqual([['database_up 0'], []]);
});

it('a database that does not answer is away for the scrape after two seconds', async () => {
  const hanging = { query: () => new Promise(() => undefined) } as unknown as Pool;
  expect(await samples(registryOf(hanging, {}), 'database_up')).toEqual(['database_up 0']);
});

it('surfaces are counted by the status that the grid shows', async () => {
  const actor = (id: string, context: object, parked: string | null = null) =>
    database.pool.query(
      `insert into actors (id, kind, version, rev, state, snapshot, parked) values ($1, 'surface', 1, 1, '{}', $2, $3)`,
      [`surface:${id}`, { context: { since: '2026-05-05T14:32:17Z', maintenance: null, ...context } }, parked],
    );
  await database.pool.query(`
    insert into surfaces (id, position, config, checked_at, next_check_at) values
      ('ok', 1, '{}', now(), now() + interval '1 hour'), ('down', 2, '{}', now(), now() + interval '1 hour'),
      ('late', 3, '{}', now() - interval '1 hour', now() - interval '100 s'), ('new', 4, '{}', null, now()),
      ('parked', 5, '{}', now(), now() + interval '1 hour'), ('off', 6, '{}', now(), now() + interval '1 hour')`);
  await actor('ok', { status: 'OPERATIONAL' });
  await actor('down', { status: 'DOWN' });
  await actor('late', { status: 'OPERATIONAL' });
  await actor('parked', { status: 'DEGRADED' }, 'cannot be restored');
  const maintenance = { until: '2999-01-01T00:00:00Z', reason: 'disks', by: 'mia', setAt: '2026-05-05T14:32:17Z' };
  await actor('off', { status: 'DOWN', maintenance });
  const registry = registryOf(database.pool);
  const { counts } = await readStatusGrid(database.pool, { pollIntervalSeconds: 30 });
  expect(counts).toEqual({ OPERATIONAL: 1, DEGRADED: 0, DOWN: 1, MAINTENANCE: 1, UNKNOWN: 3 });
  expect(await samples(registry, 'surfaces')).toEqual(
    Object.entries(counts).map(([status, n]) => `surfaces{status="${status}"} ${n}`),
  );
  expect((await samples(registry, 'poll_late_seconds'))[0]).toMatch(/^poll_late_seconds 1\d\d\./);
});

it('flags, the circuit breaker of FreeScout and what waits are metrics', async () => {
  await database.pool.query(`
    insert into actors (id, kind, version, rev, state, snapshot) values ('helpdesk', 'helpdesk', 1, 1, '{"failing": {}}',
      jsonb_build_object('context', jsonb_build_object('failingSince', now() - interval '90 s', 'waiting', '[]'::jsonb)));
    insert into webhook_requests (source, sender, method, body, bytes, received_at)
      values ('grafana', 'grafana', 'POST', '', 0, now() - interval '200 s')`);
  const registry = registryOf(database.pool);
  expect(await samples(registry, 'flag_enabled')).toEqual([
    'flag_enabled{flag="FLAG_CONSOLE_ALERTS_AUTO_TICKET"} 1',
    'flag_enabled{flag="FLAG_CONSOLE_INVESTIGATE_FROM_STATUS"} 0',
  ]);
  expect(await samples(registry, 'freescout_failing')).toEqual(['freescout_failing 1']);
  expect((await samples(registry, 'freescout_failing_seconds'))[0]).toMatch(/ 9\d|1\d\d/);
  expect(await samples(registry, 'oldest_seconds')).toEqual([
    'oldest_seconds{what="dead_letter"} 0',
    'oldest_seconds{what="job"} 0',
    expect.stringMatching(/^oldest_seconds\{what="webhook"\} [2-9]\d\d/),
    'oldest_seconds{what="filing_in_doubt"} 0',
  ]);
  expect(await samples(registry, 'build_info')).toEqual([
    `build_info{version="${packageVersion()}",node="${process.versions.node}"} 1`,
  ]);
});

it('scrapes share what they ask the database', async () => {
  let queries = 0;
  const query = async (sql: string, values?: unknown[]) => {
    queries += 1;
    return database.pool.query(sql, values);
  };
  const { registry } = createMetrics();
  addDatabaseGauges(registry, {
    pool: { query } as never,
    flags: { list: async () => [] },
    pollIntervalSeconds: 30,
    sharedMs: 3_600_000,
    readMs: WAIT_TIMEOUT_MS,
  });
  await Promise.all(Array.from({ length: 100 }, () => registry.metrics()));
  await registry.metrics();
  expect(queries).toBe(3);
});

it('scrapes that follow each other without a pause share one text, and a failure is not shared', async () => {
  let rendered = 0;
  let fails = true;
  const metrics = async () => {
    if (fails) throw new Error('no figures');
    rendered += 1;
    return `text ${rendered}`;
  };
  const { contentType } = createMetrics().registry;
  const scrape = createMetricsText({ contentType, metrics }, 3_600_000);
  await expect(scrape()).rejects.toThrow('no figures');
  fails = false;
  const answer = { contentType, text: 'text 1' };
  expect(await Promise.all([scrape(), scrape()])).toEqual([answer, answer]);
  expect(await scrape()).toEqual(answer);
  const next = createMetricsText({ contentType, metrics }, 0);
  expect([(await next()).text, (await next()).text]).toEqual(['text 2', 'text 3']);
});
