import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { banners } from '../../src/app/banners.ts';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { createSelfCheck, syncSelfChecks } from '../../src/surfaces/selfCheck.ts';
import { parseSurfacesFile, type SurfaceConfig } from '../../src/surfaces/surfacesFile.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const UP: CheckResult = { outcome: 'up', latencyMs: 3, httpStatus: 200, error: null };
const DOWN: CheckResult = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'ENETUNREACH' };

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
const running: Poller[] = [];
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
beforeEach(() => targets('one.example', 'two.example'));
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await house.pool.query('delete from surfaces');
});
afterAll(() => house.close());

const targets = (...hosts: string[]) => {
  const self_check = hosts.map((host) => ({ url: `https://${host}/` }));
  return syncSelfChecks(house.pool, parseSurfacesFile(JSON.stringify({ surfaces: [], self_check }), 'test').selfChecks);
};

/** A process that polls, in a place from which surfaces and targets can be reached or not. */
function poll(place: { surface: CheckResult; target: CheckResult }, declareAfterMs = 200): Poller {
  const poller = createPoller({
    pool: house.pool,
    deliver: one.deliver,
    probe: async (_surface: SurfaceConfig) => place.surface,
    selfCheck: (signal) =>
      createSelfCheck({
        pool: house.pool,
        deliver: one.deliver,
        probe: async () => place.target,
        signal,
        declareAfterMs,
      }),
    intervalSeconds: 0.2,
    log: createLog({ level: 'silent' }),
  });
  running.push(poller);
  poller.start();
  return poller;
}

const watch = (id: string) => house.surfaces({ id, failures_to_open: 1, successes_to_close: 1 });
const isOffline = async () =>
  ((await house.pool.query("select from actors where id = 'connection' and state ? 'offline'")).rowCount ?? 0) > 0;
const status = async (id: string) =>
  (await house.pool.query("select snapshot->'context'->>'status' as s from actors where id = $1", [`surface:${id}`]))
    .rows[0]?.s;
const count = async (id: string) =>
  (await house.pool.query('select count(*)::int as n from checks where surface_id = $1', [id])).rows[0].n;
/** How many targets a process that reaches none of them has asked others about since then. */
const doubted = async (since = new Date(0)) =>
  (await house.pool.query('select from self_checks where doubted_at > $1', [since])).rowCount;
const banner = async () => (await banners(house.pool, house.config)).filter((text) => text.includes('offline'));
const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('while no target answers, checks count as nothing: neither as failures nor as recoveries', async () => {
  await watch('cut');
  const place = { surface: UP, target: UP };
  poll(place);
  await eventually(async () => expect(await status('cut')).toBe('OPERATIONAL'));
  Object.assign(place, { surface: DOWN, target: DOWN });
  await eventually(async () => expect(await isOffline()).toBe(true));
  const counted = await count('cut');
  place.surface = UP;
  const { rows } = await house.pool.query<{ at: Date }>("select next_check_at as at from surfaces where id = 'cut'");
  await eventually(async () => {
    const later = await house.pool.query('select from surfaces where next_check_at > $1', [rows[0]?.at]);
    expect(later.rowCount).toBe(1);
  });
  expect(await count('cut')).toBe(counted);
  expect(await status('cut')).toBe('OPERATIONAL');
  expect(tickets('cut')).toEqual([]);
});

it('the console says so, and so do a line, a metric and the audit, once', async () => {
  expect(await banner()).toEqual([expect.stringMatching(/offline ourselves since .* none of 2 self-check targets/)]);
  expect(house.lines.filter(({ msg }) => String(msg).startsWith('offline'))).toHaveLength(1);
  expect(await one.metrics.registry.metrics()).toContain('auto_ticketing_rows{what="offline"} 1');
  expect(await house.audit('console.connection.lost')).toHaveLength(1);
});

it('it outlasts a restart, and holds what was about to be filed for a surface, but not what others say', async () => {
  await one.stop();
  one = house.process();
  await watch('before');
  // As a process does that has not heard of it yet.
  await one.check('before', 'up', 'down');
  await one.fire('elsewhere');
  await house.settled();
  expect(tickets('before')).toEqual([]);
  expect(house.tickets().filter(({ subject }) => subject.endsWith('Trouble with elsewhere'))).toHaveLength(1);
  expect((await house.audit('console.alerts.ticket_skipped')).map(({ payload }) => payload.reason)).toEqual([
    'offline',
  ]);
});

it('it ends by itself once a target answers, and what fails then is filed', async () => {
  await watch('before');
  poll({ surface: DOWN, target: UP });
  await eventually(async () => expect(await isOffline()).toBe(false));
  await eventually(() => expect(tickets('before')).toHaveLength(1));
  expect(await banner()).toEqual([]);
  expect(await house.audit('console.connection.restored')).toHaveLength(1);
});

it('one process that is cut off counts nothing, and does not speak for another that is not', async () => {
  await watch('seen');
  await house.pool.query('update self_checks set answered_at = null, doubted_at = null');
  poll({ surface: DOWN, target: DOWN }, 12_000);
  await eventually(async () => expect(await doubted()).toBe(2));
  poll({ surface: UP, target: UP }, 12_000);
  const { rows } = await house.pool.query<{ at: Date }>("select clock_timestamp() + interval '13 s' as at");
  await eventually(async () => expect(await doubted(rows[0]?.at)).toBe(2));
  expect(await house.audit('console.connection.lost')).toHaveLength(1);
  expect(await status('seen')).toBe('OPERATIONAL');
  expect((await house.pool.query("select from checks where surface_id = 'seen' and outcome = 'down'")).rowCount).toBe(
    0,
  );
});

it('a file without targets knows of no such thing', async () => {
  await one.deliver([{ to: 'connection', event: { type: 'LOST', targets: 2 } }]);
  await targets();
  await watch('plain');
  poll({ surface: DOWN, target: DOWN });
  await eventually(async () => expect(await status('plain')).toBe('DOWN'));
  expect(await isOffline()).toBe(false);
});
