import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../faults/random.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { drawInput } from './requests.ts';
import { runFuzz } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('hostile requests and responses break nothing, and refused requests change nothing', async () => {
  const result = await runFuzz(
    { seed: 20_260_505, inputs: 1_000, only: null, webhooks: false, toleranceMs: 60_000, watchHeap: false },
    database.url,
  );
  expect(result.faults).toEqual([]);
  expect(result.looked.times).toBeGreaterThan(0);
  const answered = (route: string) => Object.keys(result.counts[route] ?? {});
  expect(answered('POST /api/alerts')).toEqual(expect.arrayContaining(['400', '403']));
  // The outcome of a response depends on how busy the machine is. That each adapter gets some does not.
  expect(Object.keys(result.counts)).toEqual(expect.arrayContaining(['freescout create', 'slack send', 'slack find']));
}, 300_000);

test('the same number of the same seed gives the same input', () => {
  const routes = [{ method: 'POST', path: '/api/alerts', query: ['limit'] }];
  const draw = (n: number) => drawInput(createRandom(`7 draw ${n}`), routes, { ids: ['a'], tokens: ['t'] }, false);
  for (let n = 0; n < 50; n += 1) expect(draw(n)).toEqual(draw(n));
  expect(draw(1)).not.toEqual(draw(2));
});
