import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { keepMaintenance, watchMaintenance } from '../../src/surfaces/maintenanceClock.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const DOWN: CheckResult = { outcome: 'down', latencyMs: 3, httpStatus: 500, error: 'HTTP 500, expected 200 to 299' };

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let poller: Poller;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(() => poller.stop());
afterAll(() => environment.close());

/** Polls once an hour, so that nothing below waits for a next check. */
function poll() {
  poller = createPoller({
    pool: environment.pool,
    deliver: one.deliver,
    probe: async () => DOWN,
    intervalSeconds: 3_600,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
}

const at = async (seconds: number): Promise<string> =>
  (
    await environment.pool.query<{ at: Date }>("select clock_timestamp() + $1 * interval '1 s' as at", [seconds])
  ).rows[0]?.at.toISOString() ?? '';
const context = async (id: string) =>
  (await environment.pool.query("select snapshot->'context' as context from actors where id = $1", [`surface:${id}`]))
    .rows[0]?.context;
const inMaintenance = (id: string) =>
  eventually(async () => expect((await context(id))?.maintenance).toMatchObject({ reason: 'disks' }));
const notInMaintenance = (id: string) => eventually(async () => expect((await context(id))?.maintenance).toBeNull());
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));
/** The check at the end of a window may still count as under maintenance; suppressed alerts are reviewed regularly. */
const isFiled = (id: string) =>
  eventually(async () => {
    await one.reviewSuppressed();
    expect(tickets(id)).toHaveLength(1);
  });
const operatorSets = async (id: string, until: string) => {
  const event = { type: 'MAINTENANCE_SET', until, reason: 'upgrade', by: 'mia' };
  await one.deliver([{ to: `surface:${id}`, event }]);
  await watchMaintenance(environment.pool, id, new Date(until));
};

it('an alert of another sender is held from the instant of a window on, long before the next check', async () => {
  const planned = { id: 'planned', failures_to_open: 10 };
  await environment.surfaces(planned);
  poll();
  await eventually(async () => expect(await context('planned')).toMatchObject({ bad: 1, maintenance: null }));
  const [from, until] = [await at(2), await at(600)];
  await environment.surfaces({ ...planned, maintenance: [{ from, until, reason: 'disks' }] });
  await inMaintenance('planned');
  await one.fire('about-planned', { surface_id: 'planned' });
  await environment.settled();
  expect(tickets('planned')).toEqual([]);
  const skipped = await environment.audit('console.alerts.ticket_skipped');
  const own = skipped.filter(({ payload }) => payload.alert_key === 'monitor:about-planned');
  expect(own.map(({ payload }) => payload.reason)).toEqual(['maintenance']);
});

it('a surface that still fails when a window of the file ends is filed without waiting for the next check', async () => {
  const edit = (until: string) =>
    environment.surfaces({ id: 'ends', failures_to_open: 1, maintenance: [{ until, reason: 'disks' }] });
  const until = await at(1_000);
  await edit(until);
  poll();
  await eventually(async () => expect(await context('ends')).toMatchObject({ status: 'DOWN', maintenance: { until } }));
  await edit(await at(2));
  await isFiled('ends');
});

it("a surface that still fails when an operator's window ends is filed without waiting for the next check", async () => {
  await environment.surfaces({ id: 'operated', failures_to_open: 1 });
  await operatorSets('operated', await at(4));
  poll();
  await eventually(async () => expect(await context('operated')).toMatchObject({ status: 'DOWN' }));
  await isFiled('operated');
});

it("an operator's window that is longer than one of the file holds until its own end", async () => {
  const edit = (until: string) =>
    environment.surfaces({ id: 'longer', failures_to_open: 1, maintenance: [{ until, reason: 'disks' }] });
  const [fileUntil, operatorUntil] = [await at(1_000), await at(3_600)];
  await edit(fileUntil);
  await operatorSets('longer', operatorUntil);
  poll();
  await eventually(async () =>
    expect((await context('longer'))?.windows).toMatchObject({ file: { until: fileUntil } }),
  );
  await edit(await at(2));
  await eventually(async () => expect((await context('longer')).windows).toBeNull());
  await environment.settled();
  expect((await context('longer')).maintenance).toMatchObject({ until: operatorUntil, by: 'mia' });
  expect(tickets('longer')).toEqual([]);
});

it('a window of the file that is edited and edited back is in force as it stands in the file', async () => {
  const [early, late] = [await at(1_000), await at(2_000)];
  const edit = (until: string) => environment.surfaces({ id: 'edited', maintenance: [{ until, reason: 'disks' }] });
  await edit(early);
  poll();
  for (const until of [early, late, early]) {
    await edit(until);
    await eventually(async () => expect((await context('edited')).maintenance).toMatchObject({ until }));
  }
});

it('a window of the file that a person ended early is in force as it is edited, also when it is edited back', async () => {
  const [early, late] = [await at(1_000), await at(2_000)];
  const edit = (until: string) => environment.surfaces({ id: 'revived', maintenance: [{ until, reason: 'disks' }] });
  await edit(early);
  poll();
  await inMaintenance('revived');
  await one.deliver([{ to: 'surface:revived', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await notInMaintenance('revived');
  for (const until of [late, early]) {
    await edit(until);
    await eventually(async () => expect((await context('revived')).maintenance).toMatchObject({ until }));
  }
});

it('a window that is taken out of the file ends at once', async () => {
  await environment.surfaces({ id: 'dropped', maintenance: [{ until: await at(1_000), reason: 'disks' }] });
  poll();
  await inMaintenance('dropped');
  await environment.surfaces({ id: 'dropped' });
  await notInMaintenance('dropped');
});

it('a window of the file that a person ends early stays ended', async () => {
  const until = await at(1_000);
  await environment.surfaces({ id: 'early', failures_to_open: 1, maintenance: [{ until, reason: 'disks' }] });
  poll();
  await inMaintenance('early');
  await one.deliver([{ to: 'surface:early', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await watchMaintenance(environment.pool, 'early', null);
  await eventually(() => expect(tickets('early')).toHaveLength(1));
  expect((await context('early')).maintenance).toBeNull();
});

it('a surface whose stored time zone cannot be read does not keep the windows of the others from their effect', async () => {
  const weekly = { every: 'day', from: '02:00', until: '04:00', timezone: 'UTC', reason: 'backup' };
  await environment.surfaces(
    { id: 'unreadable', maintenance: [weekly] },
    { id: 'readable', maintenance: [{ until: await at(1_000), reason: 'disks' }] },
  );
  await environment.pool.query(
    `update surfaces set config = jsonb_set(config, '{weeklyMaintenance,0,timezone}', '"IST"') where id = 'unreadable'`,
  );
  poll();
  await inMaintenance('readable');
});

it('an alert is held by a window that has begun, although a process that was to set it died on the way', async () => {
  const [from, until] = [await at(-60), await at(3_600)];
  await environment.surfaces({ id: 'claimed', maintenance: [{ from, until, reason: 'disks' }] });
  const dead = () => Promise.reject(new Error('the process died'));
  await expect(keepMaintenance(environment.pool, dead, { warn: () => {} })).rejects.toThrow('died');
  await one.fire('meanwhile', { surface_id: 'claimed' });
  await environment.settled();
  const skipped = await environment.audit('console.alerts.ticket_skipped');
  const own = skipped.filter(({ payload }) => payload.alert_key === 'monitor:meanwhile');
  expect(own.map(({ payload }) => payload.reason)).toEqual(['maintenance']);
});

it('an alert that arrives while no worker polls is held by a window that has begun, and filed if it outlasts it', async () => {
  const from = await at(-60);
  await environment.surfaces({ id: 'unpolled', maintenance: [{ from, until: await at(3_600), reason: 'disks' }] });
  await one.fire('during', { surface_id: 'unpolled' });
  await environment.settled();
  const skipped = await environment.audit('console.alerts.ticket_skipped');
  const own = skipped.filter(({ payload }) => payload.alert_key === 'monitor:during');
  expect(own.map(({ payload }) => payload.reason)).toEqual(['maintenance']);
  await environment.surfaces({ id: 'unpolled', maintenance: [{ from, until: await at(-1), reason: 'disks' }] });
  await eventually(async () => {
    await one.reviewSuppressed();
    expect(environment.tickets().filter(({ subject }) => subject.includes('Trouble with during'))).toHaveLength(1);
  });
});
