import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { prepareFrozenClock } from '../support/frozenClock.ts';

const DOWN: CheckResult = { outcome: 'down', latencyMs: 3, httpStatus: 500, error: 'HTTP 500, expected 200 to 299' };

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let clock: Awaited<ReturnType<typeof prepareFrozenClock>>;
let poller: Poller | undefined;
beforeAll(async () => {
  environment = await startEnvironment();
  clock = await prepareFrozenClock(environment.pool);
  one = environment.process();
});
afterEach(async () => {
  await poller?.stop();
  await clock.resume();
});
afterAll(() => environment.close());

function poll(): Poller {
  poller = createPoller({
    pool: one.pool,
    deliver: one.deliver,
    probe: async () => DOWN,
    intervalSeconds: 0.3,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
  return poller;
}

/** An instant that does not pass during a test, unless the test moves the clock. */
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
/** Moves the clock to an instant; every timer is due then. */
async function passes(until: string): Promise<void> {
  await clock.freeze(until);
  await environment.hurry('timer:surface:%');
}
const context = async (id: string) =>
  (await environment.pool.query("select snapshot->'context' as context from actors where id = $1", [`surface:${id}`]))
    .rows[0]?.context;
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it("a surface that still fails when an operator's maintenance ends is filed, even if no process ran at the end", async () => {
  await environment.surfaces({ id: 'upgraded', failures_to_open: 1 });
  const until = inAnHour();
  const window = { type: 'MAINTENANCE_SET', until, reason: 'upgrade', by: 'mia' };
  await one.deliver([{ to: 'surface:upgraded', event: window }]);
  await one.check('upgraded', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('upgraded')).toEqual([]);
  await one.stop();
  await passes(until);
  one = environment.process();
  await eventually(async () => expect((await context('upgraded')).maintenance).toBeNull());
  poll();
  await eventually(() => expect(tickets('upgraded')).toHaveLength(1));
});

it('a surface that still fails when a maintenance window of the file ends is filed', async () => {
  const until = inAnHour();
  await environment.surfaces({ id: 'moved', failures_to_open: 1, maintenance: [{ until, reason: 'move' }] });
  poll();
  await eventually(async () =>
    expect(await context('moved')).toMatchObject({ status: 'DOWN', maintenance: { until } }),
  );
  await poller?.stop();
  await environment.settled();
  expect(tickets('moved')).toEqual([]);
  await one.stop();
  await passes(until);
  one = environment.process();
  poll();
  await eventually(() => expect(tickets('moved')).toHaveLength(1));
  expect(tickets('moved')).toHaveLength(1);
});

it('a filing that waits for FreeScout when maintenance begins is posted after the maintenance', async () => {
  await environment.surfaces({ id: 'late', failures_to_open: 1 });
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.check('late', 'up', 'down');
  await one.fire('about-late', { surface_id: 'late' });
  await environment.settled();
  const window = { type: 'MAINTENANCE_SET', until: '2099-01-01T00:00:00.000Z', reason: 'upgrade', by: 'mia' };
  await one.deliver([{ to: 'surface:late', event: window }]);
  environment.desk.control.faults.clear();
  for (let n = 0; n < 4; n++) {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    await environment.settled();
  }
  expect(tickets('late')).toEqual([]);
  const skipped = (await environment.audit('console.alerts.ticket_skipped')).map(({ payload }) => payload);
  const reasons = skipped.filter(({ alert_key }) => alert_key === 'monitor:about-late').map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason === 'maintenance')).toHaveLength(1);
  await one.deliver([{ to: 'surface:late', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await one.check('late', 'down');
  await one.fire('about-late', { surface_id: 'late' });
  await environment.settled();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await eventually(() => expect(tickets('late')).toHaveLength(2));
});
