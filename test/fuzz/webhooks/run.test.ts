import { afterAll, beforeAll, expect, test } from 'vitest';
import { SENDERS } from '../../../src/alerts/senders/registry.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { runWebhookFuzz } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('hostile requests of every sender break nothing, are taken whole or not at all, and hold up nobody', async () => {
  const result = await runWebhookFuzz(
    { seed: 20_260_505, inputs: 480, only: null, webhooks: true, toleranceMs: 60_000, watchHeap: false },
    database.url,
  );
  expect(result.faults).toEqual([]);
  const routes = Object.keys(result.counts);
  for (const { name } of SENDERS) expect(routes.filter((route) => route.startsWith(`${name} (`))).not.toEqual([]);
  const { rows } = await database.pool.query<{ status: string }>(
    'select distinct status from webhook_requests order by 1',
  );
  expect(rows.map(({ status }) => status)).toEqual(['dead', 'done']);
}, 300_000);
