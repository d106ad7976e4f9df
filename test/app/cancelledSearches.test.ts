import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConsoleApi } from '../../src/app/consoleApi.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function consoleApi(): ConsoleApi {
  const nothing = () => () => undefined;
  const deps: unknown = {
    ...{ pool: database.pool, pagePool: database.pool, host: {}, registry: { all: [] } },
    ...{ config: { surfaces: { pollIntervalSeconds: 30 }, ingestTokens: [], freescout: {} } },
    ...{ sources: { shownSilentAfter: async () => ({}) }, metrics: {}, sessions: {}, flags: {}, intake: {} },
    listener: { on: nothing, onReconnect: nothing },
  };
  return createConsoleApi(deps as Parameters<typeof createConsoleApi>[0]);
}

const waiting = async () =>
  (
    await database.pool.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
  ).rowCount;

it.each<[method: 'actors' | 'customers' | 'audit', table: string]>([
  ['actors', 'actors'],
  ['customers', 'customers'],
  ['audit', 'audit_log'],
])('the running statement of a search of %s ends in the database when its request ends', async (method, table) => {
  const other = await database.pool.connect();
  try {
    await other.query(`begin; lock table ${table} in access exclusive mode`);
    const request = new AbortController();
    const query = { q: 'x', limit: 10, withVisitors: false };
    const search = consoleApi()
      [method](query, request.signal)
      .catch((error: unknown) => error);
    await eventually(async () => expect(await waiting()).toBe(1));
    request.abort();
    const error = await search;
    // The audit log explains a statement that was cancelled as one that took too long.
    expect(error instanceof Error && error.cause ? error.cause : error).toMatchObject({ code: '57014' });
    await eventually(async () => expect(await waiting()).toBe(0));
  } finally {
    await other.query('rollback');
    other.release();
  }
});
