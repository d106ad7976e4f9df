import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { confirmedChanges, recount } from '../../src/surfaces/confirmedChecks.ts';
import { readDays } from '../../src/surfaces/days.ts';
import { readStatusGrid, surfaceStory } from '../../src/surfaces/statusGrid.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

/** The days of a surface are counted by a trigger in the database, so also for checks that an older release stores. */

let reading: ManualEnvironment;
beforeEach(async () => {
  reading = await startManualEnvironment();
  await reading.surfaces({ id: 'web' });
});
afterEach(() => reading.drop());

const days = async (id = 'web') => (await readDays(reading.pool)).get(id);
const today = async (id = 'web') => (await days(id))?.letters.at(-1);
const tile = async () => (await readStatusGrid(reading.pool, { pollIntervalSeconds: 30 })).surfaces[0];

const counted = (day: string, counts: Partial<Record<'operational' | 'degraded' | 'down' | 'maintenance', number>>) =>
  reading.pool.query(
    `insert into surface_days (surface_id, day, operational, degraded, down, maintenance)
     values ('web', (now() at time zone 'UTC')::date - $1::int, $2, $3, $4, $5)`,
    [day, counts.operational ?? 0, counts.degraded ?? 0, counts.down ?? 0, counts.maintenance ?? 0],
  );

describe('the last 90 days', () => {
  it('are empty for a surface that was never checked', async () => {
    expect(await days()).toBeUndefined();
    expect((await tile())?.days).toEqual({ letters: '-'.repeat(90), uptime: null, known: 0 });
  });

  it('have the worst status of each day, oldest first and today last', async () => {
    await counted('89', { operational: 10 });
    await counted('90', { down: 10 });
    await counted('3', { operational: 5, degraded: 1 });
    await counted('2', { operational: 5, degraded: 1, down: 1 });
    await counted('1', { maintenance: 7 });
    await counted('0', { operational: 3, maintenance: 1 });
    expect(await days()).toEqual({ letters: `o${'-'.repeat(85)}sdmo`, uptime: 96.15, known: 5 });
  });

  it('are never rounded up to 100 %', async () => {
    await counted('0', { operational: 99_999, down: 1 });
    expect((await days())?.uptime).toBe(99.99);
  });

  it('count an unconfirmed failure by the status of the surface', async () => {
    await reading.check('web', 'up');
    await reading.check('web', 'down');
    expect(await today()).toBe('o');
    // This check confirmed the outage.
    await reading.check('web', 'down');
    expect(await today()).toBe('d');
    const { rows } = await reading.pool.query('select operational, degraded, down, maintenance from surface_days');
    expect(rows).toEqual([{ operational: 2, degraded: 0, down: 1, maintenance: 0 }]);
  });

  it('count the failed checks of an unstable surface as down', async () => {
    const policy = {
      failuresToOpen: 5,
      successesToClose: 5,
      severity: { degraded: null, down: null },
      unstableWindow: 4,
    };
    const outcomes = ['up', 'down', 'up', 'down'] as const;
    for (const outcome of outcomes) {
      const event = { type: 'CHECKED', outcome, error: null, name: 'Web', ...policy };
      await reading.deliver([{ to: 'surface:web', event }]);
    }
    const at = new Date();
    await recordChecks(
      reading.pool,
      outcomes.map((outcome) => ({ surfaceId: 'web', at, outcome, latencyMs: 1, httpStatus: 200, error: null })),
    );
    const { rows } = await reading.pool.query('select operational, degraded, down, maintenance from surface_days');
    expect(rows).toEqual([{ operational: 0, degraded: 2, down: 2, maintenance: 0 }]);
    expect((await days())?.uptime).toBe(50);
  });

  it('exclude maintenance from the uptime', async () => {
    await reading.check('web', 'up');
    const window = { until: '2999-01-01T00:00:00.000Z', reason: 'disks', by: 'mia' };
    await reading.deliver([{ to: 'surface:web', event: { type: 'MAINTENANCE_SET', ...window } }]);
    for (let n = 0; n < 3; n++) await reading.check('web', 'down');
    expect(await days()).toMatchObject({ uptime: 100 });
  });

  it('include checks that an older release stores', async () => {
    await reading.pool.query(
      "insert into checks (surface_id, at, outcome) values ('web', now(), 'up'), ('web', now(), 'slow'), ('web', now(), 'down')",
    );
    expect(await days()).toMatchObject({ uptime: 66.66, known: 1 });
  });

  it('do not show today better than the current status', async () => {
    await reading.check('web', 'down');
    await reading.pool.query('delete from surface_days');
    expect((await tile())?.days.letters.at(-1)).toBe('d');
    await counted('0', { operational: 4 });
    // A percentage of 100 would contradict the bar.
    expect((await tile())?.days).toMatchObject({ letters: expect.stringMatching(/d$/), uptime: null });
  });
});

describe('the checks that confirm a change of status', () => {
  const policy = { failuresToOpen: 2, successesToClose: 2, severity: { degraded: null, down: null } };

  const OUTCOMES: Record<string, 'up' | 'slow' | 'down'> = { u: 'up', s: 'slow', d: 'down' };

  /** Stores and delivers checks as the program does. */
  async function check(outcomes: string, more: Record<string, unknown> = {}, id = 'web'): Promise<void> {
    for (const letter of outcomes) {
      const outcome = OUTCOMES[letter] ?? 'up';
      const { rows } = await reading.pool.query<{ at: Date }>('select clock_timestamp() as at');
      const facts = { surfaceId: id, at: rows[0]?.at ?? new Date(), latencyMs: 1, httpStatus: 200, error: null };
      await recordChecks(reading.pool, [{ ...facts, outcome }]);
      const event = { type: 'CHECKED', outcome, error: null, name: 'Web', ...policy, ...more };
      await reading.deliver([{ to: `surface:${id}`, event }], (client, delivered) =>
        recount(client, confirmedChanges(delivered)),
      );
    }
  }

  it('count at the new status, and the bar, the percentage and the status of a surface agree after each check', async () => {
    const unstable = { unstableWindow: 4, failuresToOpen: 5 };
    const cases: [outcomes: string, operational: number, degraded: number, down: number, more?: object][] = [
      ['uuud', 4, 0, 0],
      ['uuudd', 3, 0, 2],
      ['uuuddu', 3, 0, 3],
      ['uuudduu', 5, 0, 2],
      ['uuuss', 3, 2, 0],
      ['uuusd', 3, 2, 0],
      ['uuussdd', 3, 2, 2],
      ['dd', 0, 0, 2],
      ['udud', 3, 0, 1, unstable],
    ];
    await reading.surfaces(...cases.map(([id]) => ({ id })));
    for (const [outcomes, , , , more] of cases) await check(outcomes, { ...more }, outcomes);
    const { rows } = await reading.pool.query('select surface_id, operational, degraded, down from surface_days');
    const counts = new Map(rows.map((row) => [row.surface_id, [row.operational, row.degraded, row.down]]));
    expect(cases.map(([id]) => [id, counts.get(id)])).toEqual(cases.map(([id, ...rest]) => [id, rest.slice(0, 3)]));
    const { surfaces } = await readStatusGrid(reading.pool, { pollIntervalSeconds: 30 });
    for (const { id, status, days: shown } of surfaces) {
      const isDown = shown.letters.at(-1) === 'd';
      expect([id, isDown, (shown.uptime ?? 0) < 100]).toEqual([id, counts.get(id)?.[2] > 0, isDown]);
      if (status === 'DOWN') expect([id, isDown]).toEqual([id, true]);
    }
  });

  it('stay counted as maintenance while there is one', async () => {
    await check('uu');
    const window = { until: '2999-01-01T00:00:00.000Z', reason: 'disks', by: 'mia' };
    await reading.deliver([{ to: 'surface:web', event: { type: 'MAINTENANCE_SET', ...window } }]);
    await check('dd');
    const { rows } = await reading.pool.query('select operational, down, maintenance from surface_days');
    expect(rows).toEqual([{ operational: 2, down: 0, maintenance: 2 }]);
  });

  it.each([
    ['a change to DOWN', 'uu', 'd', { operational: 2, down: 1, maintenance: 1 }],
    ['a recovery', 'dd', 'u', { operational: 1, down: 2, maintenance: 1 }],
  ])('of %s stay counted as maintenance where it ended between them', async (_, before, confirming, counts) => {
    await check(before);
    const window = { until: '2999-01-01T00:00:00.000Z', reason: 'disks', by: 'mia' };
    await reading.deliver([{ to: 'surface:web', event: { type: 'MAINTENANCE_SET', ...window } }]);
    await check(confirming);
    await reading.deliver([{ to: 'surface:web', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
    await check(confirming);
    const { rows } = await reading.pool.query('select operational, down, maintenance from surface_days');
    expect(rows).toEqual([counts]);
  });

  it('are counted on the days on which they were made', async () => {
    await check('uud');
    await reading.pool.query("update checks set at = at - interval '1 day'");
    await reading.pool.query('update surface_days set day = day - 1');
    await check('d');
    const { rows } = await reading.pool.query('select operational, down from surface_days order by day');
    expect(rows).toEqual([
      { operational: 2, down: 1 },
      { operational: 0, down: 1 },
    ]);
  });
});

describe('the latencies of the last checks', () => {
  it('are at most thirty, oldest first', async () => {
    for (let n = 0; n < 32; n++)
      await reading.pool.query(
        "update surfaces set checked_at = now() - interval '1 hour' + $1 * interval '1 second', latency_ms = $1",
        [n],
      );
    expect((await tile())?.recent).toEqual(Array.from({ length: 30 }, (_, n) => n + 2));
  });

  it('are null without an answer, and start again for a surface that returned to the file', async () => {
    await reading.check('web', 'up');
    await reading.pool.query("update surfaces set checked_at = checked_at + interval '1 s', latency_ms = null");
    expect((await tile())?.recent).toEqual([12, null]);
    await reading.surfaces({ id: 'other' });
    await reading.surfaces({ id: 'web' });
    expect((await tile())?.recent).toEqual([]);
  });
});

describe('the outages of a surface', () => {
  const outages = async () =>
    (await surfaceStory(reading.pool, 'web', { pollIntervalSeconds: 30, silentAfterSeconds: {} }))?.outages;

  it('last from confirmation to end, with their worst status, newest first', async () => {
    for (const outcome of ['up', 'slow', 'down', 'slow', 'up', 'slow', 'up', 'down'] as const)
      await reading.check('web', outcome);
    const told = (await outages()) ?? [];
    expect(told.map(({ worst, ended_at }) => [worst, ended_at === null])).toEqual([
      ['DOWN', true],
      ['DEGRADED', false],
      ['DOWN', false],
    ]);
    for (const { began_at, ended_at } of told.slice(1)) expect(String(began_at) < String(ended_at)).toBe(true);
  });

  it('have no beginning when it is older than the history', async () => {
    for (const outcome of ['down', 'slow', 'up'] as const) await reading.check('web', outcome);
    await reading.pool.query("delete from actor_history where rev = 1 and actor_id = 'surface:web'");
    expect(await outages()).toEqual([{ began_at: null, ended_at: expect.any(String), worst: 'DOWN', tickets: [] }]);
  });
});
