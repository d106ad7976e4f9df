import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecordedCheck, recentChecks, recordChecks } from '../../src/surfaces/checks.ts';
import { createSchedule } from '../../src/surfaces/schedule.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.pool.query(`truncate checks; delete from surfaces;
    insert into surfaces (id, position, config) select 's' || n, n, '{}' from generate_series(1, 1000) as n`);
});
afterAll(() => database.drop());

const check = (surfaceId: string, at: string, more: Partial<RecordedCheck> = {}): RecordedCheck => ({
  surfaceId,
  at: new Date(at),
  outcome: 'up',
  latencyMs: 12,
  httpStatus: 200,
  error: null,
  ...more,
});

const shown = async (id: string) => {
  const { rows } = await database.pool.query(
    'select checked_at, outcome, latency_ms, http_status, error from surfaces where id = $1',
    [id],
  );
  return rows[0];
};

it('surfaces that are claimed together are claimed at one instant', async () => {
  const claimed = await createSchedule(database.pool, 30).claim({ any: 1_000, unresponsive: 1_000 }, []);
  expect(claimed).toHaveLength(1_000);
  expect(new Set(claimed.map(({ claimed_at }) => claimed_at.getTime())).size).toBe(1);
});

describe('recorded checks', () => {
  it('are stored and copied to their surface', async () => {
    const failed = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'ECONNREFUSED' } as const;
    await recordChecks(database.pool, [
      check('s1', '2026-05-05T14:00:00.123Z'),
      check('s2', '2026-05-05T14:00:01Z', failed),
    ]);
    expect(await shown('s1')).toEqual({
      checked_at: new Date('2026-05-05T14:00:00.123Z'),
      outcome: 'up',
      latency_ms: 12,
      http_status: 200,
      error: null,
    });
    expect(await shown('s2')).toMatchObject({
      outcome: 'down',
      latency_ms: null,
      http_status: null,
      error: 'ECONNREFUSED',
    });
    expect(await shown('s3')).toMatchObject({ checked_at: null, outcome: null });
    expect(await recentChecks(database.pool, 's2', 10)).toEqual([
      { at: '2026-05-05T14:00:01.000Z', outcome: 'down', latency_ms: null, http_status: null, error: 'ECONNREFUSED' },
    ]);
  });

  it('leave the expiry of the last certificate where a check got no answer, and not where it got one without', async () => {
    const expires = '2026-06-01T00:00:00.000Z';
    const known = async () =>
      (await database.pool.query("select certificate_expires_at as at from surfaces where id = 's1'")).rows[0].at;
    await recordChecks(database.pool, [check('s1', '2026-05-05T14:00:00Z', { certificateExpiresAt: expires })]);
    const failed = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'ECONNREFUSED' } as const;
    await recordChecks(database.pool, [check('s1', '2026-05-05T14:01:00Z', failed)]);
    expect(await known()).toEqual(new Date(expires));
    await recordChecks(database.pool, [check('s1', '2026-05-05T14:02:00Z')]);
    expect(await known()).toBeNull();
  });

  it('never replace a newer check by an older one', async () => {
    await recordChecks(database.pool, [
      check('s1', '2026-05-05T14:00:30Z', { outcome: 'slow' }),
      check('s1', '2026-05-05T14:00:00Z', { outcome: 'down' }),
    ]);
    await recordChecks(database.pool, [check('s1', '2026-05-05T14:00:10Z', { outcome: 'down' })]);
    expect(await shown('s1')).toMatchObject({ outcome: 'slow' });
    expect(await recentChecks(database.pool, 's1', 2)).toMatchObject([
      { at: '2026-05-05T14:00:30.000Z' },
      { at: '2026-05-05T14:00:10.000Z' },
    ]);
  });

  it('of a whole cycle are stored in one statement, from several processes and in any order', async () => {
    const cycle = Array.from({ length: 1_000 }, (_, i) => check(`s${i + 1}`, '2026-05-05T14:00:00Z'));
    await Promise.all(
      [cycle, cycle.toReversed(), cycle, cycle.toReversed()].map((results) => recordChecks(database.pool, results)),
    );
    const { rows } = await database.pool.query(
      `select (select count(*)::int from checks) as checks, (select count(*)::int from surfaces where outcome = 'up') as up`,
    );
    expect(rows).toEqual([{ checks: 4_000, up: 1_000 }]);
  });

  it('of a removed surface are ignored, and without checks there is no statement', async () => {
    await recordChecks(database.pool, [check('gone', '2026-05-05T14:00:00Z')]);
    await recordChecks({ query: () => Promise.reject(new Error('asked')) } as never, []);
    expect(await recentChecks(database.pool, 'gone', 10)).toHaveLength(1);
  });
});
