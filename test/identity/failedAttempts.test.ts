import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFailureCount } from '../../src/identity/failedAttempts.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('delete from failed_attempts'));

const one = (network: string, failures = 1) => [{ network, failures }];

describe('the shared count of failures', () => {
  it('failures of all processes are added up, with the time until the minute ends', async () => {
    const [here, there] = [createFailureCount(database.pool), createFailureCount(database.pool)];
    await here(one('192.0.2.1', 3));
    const [found] = await there(one('192.0.2.1', 2));
    expect(found).toMatchObject({ network: '192.0.2.1', failures: 5 });
    expect(found?.left_ms).toBeGreaterThan(0);
    expect(found?.left_ms).toBeLessThanOrEqual(60_000);
  });

  it('the count starts again after one minute', async () => {
    const count = createFailureCount(database.pool);
    await count(one('192.0.2.1', 20));
    await database.pool.query(`update failed_attempts set began_at = clock_timestamp() - interval '61 seconds'`);
    expect(await count(one('192.0.2.1'))).toMatchObject([{ failures: 1 }]);
  });

  it('the count starts again after the clock of the database was set back', async () => {
    const count = createFailureCount(database.pool);
    await count(one('192.0.2.1', 20));
    await database.pool.query(`update failed_attempts set began_at = clock_timestamp() + interval '1 hour'`);
    const [found] = await count(one('192.0.2.1'));
    expect(found?.failures).toBe(1);
    expect(found?.left_ms).toBeLessThanOrEqual(60_000);
  });

  it('failures are taken back, but never below none', async () => {
    const count = createFailureCount(database.pool);
    await count(one('192.0.2.1', 4));
    expect(await count(one('192.0.2.1', -3))).toMatchObject([{ failures: 1 }]);
    expect(await count(one('192.0.2.1', -3))).toMatchObject([{ failures: 0 }]);
  });

  it('concurrent counts of the same networks lose nothing and do not deadlock', async () => {
    const count = createFailureCount(database.pool);
    const networks = Array.from({ length: 20 }, (_, n) => `192.0.2.${n}`);
    const added = networks.map((network) => ({ network, failures: 1 }));
    await Promise.all(Array.from({ length: 30 }, (_, n) => count(n % 2 ? added : added.toReversed())));
    const { rows } = await database.pool.query('select distinct failures from failed_attempts');
    expect(rows).toEqual([{ failures: 30 }]);
  });
});
