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

/** Longer than a slow machine needs between two answers of a target. */
const DECLARE_AFTER_MS = 20_000;

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
const running: Poller[] = [];
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(() => targets('one.example', 'two.example'));
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await environment.pool.query('delete from surfaces');
  await environment.pool.query('update self_checks set answered_at = null, doubted_at = null');
  await one.deliver([{ to: 'connection', event: { type: 'REACHED' } }]);
});
afterAll(() => environment.close());

const targets = (...hosts: string[]) => {
  const self_check = hosts.map((host) => ({ url: `https://${host}/` }));
  return syncSelfChecks(
    environment.pool,
    parseSurfacesFile(JSON.stringify({ surfaces: [], self_check }), 'test').selfChecks,
  );
};

interface Place {
  surface: CheckResult;
  target: CheckResult;
  /** By how much the clock of this process has been moved forward. */
  laterMs?: number;
}

/** A process that polls with these results for surfaces and targets. */
function poll(place: Place, declareAfterMs = 200): Poller {
  const poller = createPoller({
    pool: environment.pool,
    deliver: one.deliver,
    probe: async (_surface: SurfaceConfig) => place.surface,
    selfCheck: (signal) =>
      createSelfCheck({
        pool: environment.pool,
        deliver: one.deliver,
        probe: async () => place.target,
        signal,
        declareAfterMs,
        clocks: () => ({ steady: performance.now() + (place.laterMs ?? 0), wall: Date.now() + (place.laterMs ?? 0) }),
      }),
    intervalSeconds: 0.2,
    log: createLog({ level: 'silent' }),
  });
  running.push(poller);
  poller.start();
  return poller;
}

const goOffline = () => one.deliver([{ to: 'connection', event: { type: 'LOST', targets: 2 } }]);
const lostCount = async () => (await environment.audit('console.connection.lost')).length;
const watch = (id: string) => environment.surfaces({ id, failures_to_open: 1, successes_to_close: 1 });
const isOffline = async () =>
  ((await environment.pool.query("select from actors where id = 'connection' and state ? 'offline'")).rowCount ?? 0) >
  0;
const status = async (id: string) =>
  (
    await environment.pool.query("select snapshot->'context'->>'status' as s from actors where id = $1", [
      `surface:${id}`,
    ])
  ).rows[0]?.s;
const count = async (id: string) =>
  (await environment.pool.query('select count(*)::int as n from checks where surface_id = $1', [id])).rows[0].n;
/** How many targets a process reported as unreachable since then. */
const doubted = async (since = new Date(0)) =>
  (await environment.pool.query('select from self_checks where doubted_at > $1', [since])).rowCount;
/** Waits until a process reports all targets as unreachable once more. */
async function doubtedAnew(): Promise<void> {
  const { rows } = await environment.pool.query<{ at: Date }>('select clock_timestamp() as at');
  await eventually(async () => expect(await doubted(rows[0]?.at)).toBe(2));
}
/** How many targets have answered a process. */
const answered = async () =>
  (await environment.pool.query('select from self_checks where answered_at is not null')).rowCount;
async function banner(): Promise<string[]> {
  const { pool, config } = environment;
  const shown = await banners({ pool, config, flags: { list: async () => [] }, isWorker: true });
  return shown.map(({ text }) => text).filter((text) => text.includes('offline'));
}
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('while no target answers, checks count neither as failures nor as recoveries', async () => {
  await watch('cut');
  const place = { surface: UP, target: UP };
  poll(place);
  await eventually(async () => expect(await status('cut')).toBe('OPERATIONAL'));
  Object.assign(place, { surface: DOWN, target: DOWN });
  await eventually(async () => expect(await isOffline()).toBe(true));
  const counted = await count('cut');
  place.surface = UP;
  const { rows } = await environment.pool.query<{ at: Date }>(
    "select next_check_at as at from surfaces where id = 'cut'",
  );
  await eventually(async () => {
    const later = await environment.pool.query('select from surfaces where next_check_at > $1', [rows[0]?.at]);
    expect(later.rowCount).toBe(1);
  });
  expect(await count('cut')).toBe(counted);
  expect(await status('cut')).toBe('OPERATIONAL');
  expect(tickets('cut')).toEqual([]);
});

it('a lost connection is shown in the console, logged, counted and audited once', async () => {
  const logged = () => environment.lines.filter(({ msg }) => String(msg).startsWith('offline')).length;
  const [loggedBefore, auditedBefore] = [logged(), await lostCount()];
  await goOffline();
  await goOffline();
  expect(await banner()).toEqual([expect.stringMatching(/offline .*since .* none of 2 self-check targets/)]);
  expect(logged() - loggedBefore).toBe(1);
  expect(await one.metrics.registry.metrics()).toContain('auto_ticketing_rows{what="offline"} 1');
  expect((await lostCount()) - auditedBefore).toBe(1);
});

it('while offline, after a restart too, outages of surfaces are suppressed and alerts of other senders are filed', async () => {
  await goOffline();
  await one.stop();
  one = environment.process();
  await watch('before');
  const skippedBefore = (await environment.audit('console.alerts.ticket_skipped')).length;
  // As a process does that does not know of the lost connection yet.
  await one.check('before', 'up', 'down');
  await one.fire('elsewhere');
  await environment.settled();
  expect(tickets('before')).toEqual([]);
  expect(environment.tickets().filter(({ subject }) => subject.endsWith('Trouble with elsewhere'))).toHaveLength(1);
  const skipped = (await environment.audit('console.alerts.ticket_skipped')).slice(skippedBefore);
  expect(skipped.map(({ payload }) => payload.reason)).toEqual(['offline']);
});

it('being offline ends once a target answers, and surfaces that fail then are filed', async () => {
  await goOffline();
  await watch('waiting');
  await one.check('waiting', 'up', 'down');
  await environment.settled();
  expect(tickets('waiting')).toEqual([]);
  const restoredBefore = (await environment.audit('console.connection.restored')).length;
  poll({ surface: DOWN, target: UP });
  await eventually(async () => expect(await isOffline()).toBe(false));
  await eventually(() => expect(tickets('waiting')).toHaveLength(1));
  expect(await banner()).toEqual([]);
  expect(await environment.audit('console.connection.restored')).toHaveLength(restoredBefore + 1);
});

it('one process without a connection ignores its own checks, and the fleet does not count as offline', async () => {
  await watch('seen');
  const lostBefore = await lostCount();
  const cut: Place = { surface: DOWN, target: DOWN };
  poll(cut, DECLARE_AFTER_MS);
  await eventually(async () => expect(await doubted()).toBe(2));
  poll({ surface: UP, target: UP }, DECLARE_AFTER_MS);
  await eventually(async () => expect(await answered()).toBe(1));
  // In steps, since a longer pause between two asks would begin the count anew.
  for (let step = 1; step <= 4; step++) {
    cut.laterMs = step * 0.5 * DECLARE_AFTER_MS;
    // Twice, because a process reports its doubt before it decides.
    await doubtedAnew();
    await doubtedAnew();
  }
  await eventually(async () => expect(await status('seen')).toBe('OPERATIONAL'));
  expect(await lostCount()).toBe(lostBefore);
  expect(
    (await environment.pool.query("select from checks where surface_id = 'seen' and outcome = 'down'")).rowCount,
  ).toBe(0);
});

it('an answer that is in the future, because the clock of the database was set back, does not keep the fleet online', async () => {
  await environment.pool.query("update self_checks set answered_at = clock_timestamp() + interval '1 hour'");
  await watch('behind');
  poll({ surface: DOWN, target: DOWN });
  await eventually(async () => expect(await isOffline()).toBe(true));
});

it('without self-check targets all checks count', async () => {
  await goOffline();
  await targets();
  await watch('plain');
  poll({ surface: DOWN, target: DOWN });
  await eventually(async () => expect(await status('plain')).toBe('DOWN'));
  expect(await isOffline()).toBe(false);
});
