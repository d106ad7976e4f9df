import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import type { SurfaceConfig } from '../../src/surfaces/surfacesFile.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const UP: CheckResult = { outcome: 'up', latencyMs: 3, httpStatus: 200, error: null };
const DOWN: CheckResult = { outcome: 'down', latencyMs: 3, httpStatus: 500, error: 'HTTP 500, expected 200 to 299' };
const HOUR = 3_600;

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
/** Ids of surfaces in the order in which they were checked. */
let checked: string[];
let outcome: (surface: SurfaceConfig) => Promise<CheckResult> | CheckResult;
const running: Poller[] = [];
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(() => {
  checked = [];
  outcome = () => UP;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await environment.pool.query('delete from surfaces');
});
afterAll(() => environment.close());

/** A process that polls. */
function poll(intervalSeconds = HOUR, pool: Pool = environment.pool): Poller {
  const poller = createPoller({
    pool,
    deliver: one.deliver,
    probe: async (surface) => {
      checked.push(surface.id);
      return outcome(surface);
    },
    intervalSeconds,
    log: createLog({ level: 'silent' }),
  });
  running.push(poller);
  poller.start();
  return poller;
}

const surfaces = (count: number, more = {}) =>
  environment.surfaces(...Array.from({ length: count }, (_, n) => ({ id: `s-${n}`, ...more })));
const due = () => environment.pool.query('update surfaces set next_check_at = clock_timestamp()');
const recorded = async () =>
  Number((await environment.pool.query('select count(*) as n from checks join surfaces on id = surface_id')).rows[0].n);
const context = async (id: string) =>
  (await environment.pool.query("select snapshot->'context' as context from actors where id = $1", [`surface:${id}`]))
    .rows[0]?.context;
const status = async (id: string) => (await context(id))?.status;

it('two polling processes check each surface once per interval', async () => {
  await surfaces(50);
  const pollers = [poll(), poll()];
  await eventually(() => expect(pollers.every((each) => each.hasCompletedACycle())).toBe(true));
  expect(checked.toSorted()).toEqual(Array.from({ length: 50 }, (_, n) => `s-${n}`).toSorted());
  await due();
  await eventually(() => expect(checked).toHaveLength(100));
  expect(new Set(checked.slice(50)).size).toBe(50);
});

it('three hundred surfaces are checked and delivered in one cycle', async () => {
  await surfaces(300);
  outcome = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return UP;
  };
  const poller = poll();
  await eventually(() => expect(poller.hasCompletedACycle()).toBe(true));
  expect(new Set(checked).size).toBe(300);
  const { rows } = await environment.pool.query(
    "select count(*)::int as n from actors where kind = 'surface' and snapshot->'context'->>'status' = 'OPERATIONAL'",
  );
  expect(rows[0].n).toBeGreaterThanOrEqual(300);
});

it('the next check is due one interval after the start of the last one', async () => {
  await surfaces(1);
  poll(90);
  await eventually(async () => {
    const { rows } = await environment.pool.query(
      "select round(extract(epoch from next_check_at - checked_at))::int as s from surfaces where outcome = 'up'",
    );
    expect(rows).toEqual([{ s: 90 }]);
  });
});

it('consecutive failures are counted through a restart', async () => {
  await environment.surfaces({ id: 'counted', failures_to_open: 3 });
  outcome = () => DOWN;
  const first = poll();
  await eventually(async () => expect((await context('counted'))?.bad).toBe(1));
  await due();
  await eventually(async () => expect((await context('counted'))?.bad).toBe(2));
  await first.stop();
  await one.stop();
  one = environment.process();
  expect(await status('counted')).toBe('UNKNOWN');
  await due();
  poll();
  await eventually(async () => expect(await status('counted')).toBe('DOWN'));
  expect(checked).toHaveLength(3);
});

it('consecutive successes are counted through a restart, and a failure resets the count', async () => {
  await environment.surfaces({ id: 'closing', failures_to_open: 1, successes_to_close: 3 });
  const seen = async (result: CheckResult, expected: Record<string, unknown>) => {
    outcome = () => result;
    await due();
    await eventually(async () => expect(await context('closing')).toMatchObject(expected));
  };
  const first = poll();
  await seen(DOWN, { status: 'DOWN' });
  await seen(UP, { status: 'DOWN', streak: { outcome: 'up', count: 1 } });
  await seen(UP, { status: 'DOWN', streak: { outcome: 'up', count: 2 } });
  await seen(DOWN, { status: 'DOWN', streak: { outcome: 'down', count: 1 } });
  await seen(UP, { status: 'DOWN', streak: { outcome: 'up', count: 1 } });
  await first.stop();
  await one.stop();
  one = environment.process();
  poll();
  await seen(UP, { status: 'DOWN', streak: { outcome: 'up', count: 2 } });
  await seen(UP, { status: 'OPERATIONAL', streak: { outcome: 'up', count: 3 } });
});

it('a process that dies during a check loses only that check', async () => {
  await environment.surfaces({ id: 'cut', timeout_ms: 1_000 });
  outcome = () => new Promise(() => undefined);
  const dead = poll(1);
  await eventually(() => expect(checked).toEqual(['cut']));
  // The dead process claims nothing any more, and its check never ends, so its stop cannot be awaited.
  running.splice(running.indexOf(dead), 1);
  void dead.stop();
  const { rows } = await environment.pool.query(
    "select next_check_at - clock_timestamp() < interval '6 s' as soon from surfaces",
  );
  expect(rows).toEqual([{ soon: true }]);
  outcome = () => UP;
  await due();
  poll(1);
  await eventually(async () => expect(await status('cut')).toBe('OPERATIONAL'));
});

it('a check that is cancelled by a stop is not recorded', async () => {
  await environment.surfaces({ id: 'stopped', failures_to_open: 1 });
  let cut: (result: CheckResult) => void = () => undefined;
  outcome = () =>
    new Promise((resolve) => {
      cut = resolve;
    });
  const poller = poll();
  await eventually(() => expect(checked).toEqual(['stopped']));
  const stopped = poller.stop();
  cut(DOWN);
  await stopped;
  expect(await recorded()).toBe(0);
  expect(await context('stopped')).toBeUndefined();
});

it('a surface that never answers delays neither other surfaces nor the end of the first cycle', async () => {
  await surfaces(6, { timeout_ms: 50 });
  outcome = async ({ id }) => {
    // Of different lengths, so that at every moment a check is in flight.
    await new Promise((resolve) => setTimeout(resolve, 300 + 130 * Number(id.slice(2))));
    return DOWN;
  };
  const poller = poll(0.01);
  await eventually(() => expect(poller.hasCompletedACycle()).toBe(true));
  expect(new Set(checked).size).toBe(6);
});

it('while a delivery takes long, surfaces that are due are checked', async () => {
  await surfaces(2, { failures_to_open: 1 });
  await environment.pool.query(
    "update surfaces set next_check_at = clock_timestamp() + interval '1 h' where id = 's-1'",
  );
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  let deliveries = 0;
  outcome = () => DOWN;
  const poller = createPoller({
    pool: environment.pool,
    deliver: async (messages) => {
      if (messages.some(({ event }) => event.type === 'CHECKED')) {
        deliveries += 1;
        await held;
      }
      return one.deliver(messages);
    },
    probe: async (surface) => {
      checked.push(surface.id);
      return outcome(surface);
    },
    intervalSeconds: HOUR,
    log: createLog({ level: 'silent' }),
  });
  running.push(poller);
  poller.start();
  await eventually(() => expect(deliveries).toBe(1));
  await due();
  await eventually(() => expect(checked).toContain('s-1'));
  expect(deliveries).toBe(1);
  go();
  await eventually(async () => expect([await status('s-0'), await status('s-1')]).toEqual(['DOWN', 'DOWN']));
});

it('a short loss of the database costs at most one check', async () => {
  await environment.surfaces({ id: 'hiccup' });
  let failures = 1;
  const poller = createPoller({
    pool: environment.pool,
    deliver: (messages) => (failures-- > 0 ? Promise.reject(new Error('gone')) : one.deliver(messages)),
    probe: async () => UP,
    intervalSeconds: HOUR,
    log: createLog({ level: 'silent' }),
  });
  running.push(poller);
  poller.start();
  await eventually(() => expect(failures).toBeLessThan(1));
  await due();
  await eventually(async () => expect(await status('hiccup')).toBe('OPERATIONAL'));
});

it('when a surface begins to fail, all surfaces upstream of it are checked at once', async () => {
  await environment.surfaces(
    { id: 'network' },
    { id: 'gateway', depends_on: ['network'] },
    { id: 'api', depends_on: ['gateway'], failures_to_open: 2 },
    { id: 'aside' },
  );
  const poller = poll();
  await eventually(() => expect(poller.hasCompletedACycle()).toBe(true));
  checked = [];
  outcome = () => DOWN;
  await environment.pool.query("update surfaces set next_check_at = clock_timestamp() where id = 'api'");
  await eventually(async () => expect((await context('network'))?.bad).toBe(1));
  await eventually(async () => expect((await context('gateway'))?.bad).toBe(1));
  expect(checked.toSorted()).toEqual(['api', 'gateway', 'network']);
  // It keeps failing, so nothing upstream is checked again.
  await environment.pool.query("update surfaces set next_check_at = clock_timestamp() where id = 'api'");
  await eventually(async () => expect(await status('api')).toBe('DOWN'));
  await environment.settled();
  expect(checked.toSorted()).toEqual(['api', 'api', 'gateway', 'network']);
});

it('a shortened interval takes effect at once', async () => {
  await surfaces(2, { interval_seconds: HOUR });
  const poller = poll();
  await eventually(() => expect(poller.hasCompletedACycle()).toBe(true));
  await environment.surfaces({ id: 's-0', interval_seconds: 1 }, { id: 's-1', interval_seconds: HOUR });
  await eventually(() => expect(checked.filter((id) => id === 's-0').length).toBeGreaterThanOrEqual(4));
});

it('while nothing is due the poller only reads', async () => {
  const sent: string[] = [];
  const pool = Object.assign(Object.create(environment.pool) as Pool, {
    query: (sql: string, values?: unknown[]) => {
      sent.push(sql.trim());
      return environment.pool.query(sql, values);
    },
  });
  await surfaces(3);
  const poller = poll(HOUR, pool);
  await eventually(() => expect(poller.hasCompletedACycle()).toBe(true));
  const turns = () => sent.filter((sql) => sql.startsWith('select exists')).length;
  const before = turns();
  await eventually(() => expect(turns()).toBeGreaterThan(before));
  sent.length = 0;
  await eventually(() => expect(turns()).toBeGreaterThanOrEqual(3));
  // Every ten seconds, surfaces that are scheduled too late are made due.
  expect(sent.filter((sql) => !/^(select|with late)/.test(sql))).toEqual([]);
});
