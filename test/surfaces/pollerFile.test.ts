import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { readStatusGrid } from '../../src/surfaces/statusGrid.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const UP: CheckResult = { outcome: 'up', latencyMs: 3, httpStatus: 200, error: null };
const DOWN: CheckResult = { outcome: 'down', latencyMs: 3, httpStatus: 500, error: 'HTTP 500, expected 200 to 299' };
const LATER = '2099-01-01T00:00:00Z';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let poller: Poller | undefined;
let outcome: () => Promise<CheckResult> | CheckResult = () => UP;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(async () => {
  await poller?.stop();
  outcome = () => UP;
});
afterAll(() => environment.close());

function poll(): void {
  poller = createPoller({
    pool: environment.pool,
    deliver: one.deliver,
    probe: async () => outcome(),
    intervalSeconds: 3_600,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
}
const due = () => environment.pool.query('update surfaces set next_check_at = clock_timestamp()');
const tile = async (id: string) =>
  (await readStatusGrid(environment.pool, { pollIntervalSeconds: 3_600, surfaceId: id })).surfaces[0];
const maintenance = async (id: string) =>
  (
    await environment.pool.query("select snapshot->'context'->'maintenance' as m from actors where id = $1", [
      `surface:${id}`,
    ])
  ).rows[0]?.m;
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('during a maintenance window of the file the surface shows it and nothing is filed', async () => {
  await environment.surfaces({
    id: 'upkeep',
    failures_to_open: 1,
    maintenance: [{ until: LATER, reason: 'database upgrade' }],
  });
  outcome = () => DOWN;
  poll();
  await eventually(async () => expect((await tile('upkeep'))?.status).toBe('MAINTENANCE'));
  await due();
  await eventually(async () => expect((await tile('upkeep'))?.last_check?.error).toContain('500'));
  await environment.settled();
  expect(tickets('upkeep')).toEqual([]);
  const started = await environment.audit('console.surfaces.maintenance_started');
  expect(started.filter(({ payload }) => payload.surface_id === 'upkeep')).toEqual([
    {
      payload: { surface_id: 'upkeep', until: '2099-01-01T00:00:00.000Z', reason: 'database upgrade' },
      actor: 'surfaces file',
    },
  ]);
});

it('an operator may end a maintenance window early, and the file does not begin it again', async () => {
  await environment.surfaces({ id: 'early', failures_to_open: 1, maintenance: [{ until: LATER, reason: 'upgrade' }] });
  outcome = () => DOWN;
  poll();
  await eventually(async () => expect((await tile('early'))?.status).toBe('MAINTENANCE'));
  await one.deliver([{ to: 'surface:early', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await due();
  await eventually(() => expect(tickets('early')).toHaveLength(1));
  expect((await tile('early'))?.status).toBe('DOWN');
});

it('a maintenance window that is removed from the file or moved ends', async () => {
  await environment.surfaces({ id: 'moved', failures_to_open: 1, maintenance: [{ until: LATER, reason: 'move' }] });
  poll();
  await eventually(async () => expect(await maintenance('moved')).toMatchObject({ reason: 'move' }));
  await environment.surfaces({
    id: 'moved',
    failures_to_open: 1,
    maintenance: [{ from: '2098-01-01T00:00:00Z', until: LATER, reason: 'move' }],
  });
  await due();
  await eventually(async () => expect(await maintenance('moved')).toBeNull());
});

it('maintenance that an operator set is not ended by the file', async () => {
  await environment.surfaces({ id: 'own' });
  await one.deliver([
    { to: 'surface:own', event: { type: 'MAINTENANCE_SET', until: LATER, reason: 'mine', by: 'mia' } },
  ]);
  poll();
  await eventually(async () => expect((await tile('own'))?.last_check).not.toBeNull());
  await due();
  await eventually(async () =>
    expect(
      (await environment.pool.query("select count(*)::int as n from checks where surface_id = 'own'")).rows,
    ).toEqual([{ n: 2 }]),
  );
  await environment.settled();
  expect(await maintenance('own')).toMatchObject({ by: 'mia' });
});

it('missing checks make a surface UNKNOWN and resolve nothing', async () => {
  await environment.surfaces({ id: 'stale', failures_to_open: 1 });
  outcome = () => DOWN;
  poll();
  await eventually(() => expect(tickets('stale')).toHaveLength(1));
  await poller?.stop();
  await environment.pool.query(
    "update surfaces set checked_at = checked_at - interval '3 hours 31 seconds' where id = 'stale'",
  );
  expect((await tile('stale'))?.status).toBe('UNKNOWN');
  await environment.settled();
  expect(environment.notes(tickets('stale')[0]?.id)).toEqual([]);
  outcome = () => DOWN;
  await due();
  poll();
  await eventually(async () => expect((await tile('stale'))?.status).toBe('DOWN'));
  await environment.settled();
  expect(tickets('stale')).toHaveLength(1);
});

it('a check that ends after its surface was removed is ignored', async () => {
  await environment.surfaces({ id: 'left', failures_to_open: 1 });
  let end: (result: CheckResult) => void = () => undefined;
  outcome = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  poll();
  await eventually(async () =>
    expect(
      (await environment.pool.query("select next_check_at > now() as claimed from surfaces where id = 'left'")).rows,
    ).toEqual([{ claimed: true }]),
  );
  await environment.surfaces({ id: 'other' });
  end(DOWN);
  outcome = () => UP;
  await eventually(async () => expect((await tile('other'))?.status).toBe('OPERATIONAL'));
  await environment.settled();
  expect(tickets('left')).toEqual([]);
});
