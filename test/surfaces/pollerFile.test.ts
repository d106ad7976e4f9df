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

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
let poller: Poller | undefined;
let outcome: () => Promise<CheckResult> | CheckResult = () => UP;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterEach(async () => {
  await poller?.stop();
  outcome = () => UP;
});
afterAll(() => house.close());

function poll(): void {
  poller = createPoller({
    pool: house.pool,
    deliver: one.deliver,
    probe: async () => outcome(),
    intervalSeconds: 3_600,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
}
const due = () => house.pool.query('update surfaces set next_check_at = clock_timestamp()');
const tile = async (id: string) =>
  (await readStatusGrid(house.pool, { pollIntervalSeconds: 3_600, surfaceId: id })).surfaces[0];
const maintenance = async (id: string) =>
  (
    await house.pool.query("select snapshot->'context'->'maintenance' as m from actors where id = $1", [
      `surface:${id}`,
    ])
  ).rows[0]?.m;
const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('a maintenance window of the file holds from its beginning: nothing is filed, and the surface shows it', async () => {
  await house.surfaces({
    id: 'upkeep',
    failures_to_open: 1,
    maintenance: [{ until: LATER, reason: 'database upgrade' }],
  });
  outcome = () => DOWN;
  poll();
  await eventually(async () => expect((await tile('upkeep'))?.status).toBe('MAINTENANCE'));
  await due();
  await eventually(async () => expect((await tile('upkeep'))?.last_check?.error).toContain('500'));
  await house.settled();
  expect(tickets('upkeep')).toEqual([]);
  expect(
    (await house.audit('console.surfaces.maintenance_started')).map(({ payload, actor }) => ({ payload, actor })),
  ).toEqual([
    {
      payload: { surface_id: 'upkeep', until: '2099-01-01T00:00:00.000Z', reason: 'database upgrade' },
      actor: 'surfaces file',
    },
  ]);
});

it('an operator may end it early, and the file does not begin it again', async () => {
  await one.deliver([{ to: 'surface:upkeep', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  outcome = () => DOWN;
  await due();
  poll();
  await eventually(() => expect(tickets('upkeep')).toHaveLength(1));
  expect((await tile('upkeep'))?.status).toBe('DOWN');
});

it('a window that is taken out of the file, or moved, ends', async () => {
  await house.surfaces({ id: 'moved', failures_to_open: 1, maintenance: [{ until: LATER, reason: 'move' }] });
  poll();
  await eventually(async () => expect(await maintenance('moved')).toMatchObject({ reason: 'move' }));
  await house.surfaces({
    id: 'moved',
    failures_to_open: 1,
    maintenance: [{ from: '2098-01-01T00:00:00Z', until: LATER, reason: 'move' }],
  });
  await due();
  await eventually(async () => expect(await maintenance('moved')).toBeNull());
});

it("an operator's own maintenance is none of the file's business", async () => {
  await house.surfaces({ id: 'own' });
  await one.deliver([
    { to: 'surface:own', event: { type: 'MAINTENANCE_SET', until: LATER, reason: 'mine', by: 'mia' } },
  ]);
  poll();
  await eventually(async () => expect((await tile('own'))?.last_check).not.toBeNull());
  await due();
  await eventually(async () =>
    expect((await house.pool.query("select count(*)::int as n from checks where surface_id = 'own'")).rows).toEqual([
      { n: 2 },
    ]),
  );
  await house.settled();
  expect(await maintenance('own')).toMatchObject({ by: 'mia' });
});

it('checks that stay away make a surface UNKNOWN, and resolve nothing', async () => {
  await house.surfaces({ id: 'stale', failures_to_open: 1 });
  outcome = () => DOWN;
  poll();
  await eventually(() => expect(tickets('stale')).toHaveLength(1));
  await poller?.stop();
  await house.pool.query(
    "update surfaces set checked_at = checked_at - interval '3 hours 31 seconds' where id = 'stale'",
  );
  expect((await tile('stale'))?.status).toBe('UNKNOWN');
  await house.settled();
  expect(house.notes(tickets('stale')[0]?.id)).toEqual([]);
  outcome = () => DOWN;
  await due();
  poll();
  await eventually(async () => expect((await tile('stale'))?.status).toBe('DOWN'));
  await house.settled();
  expect(tickets('stale')).toHaveLength(1);
});

it('a check that ends after its surface left the file brings nothing back to life', async () => {
  await house.surfaces({ id: 'left', failures_to_open: 1 });
  let end: (result: CheckResult) => void = () => undefined;
  outcome = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  poll();
  await eventually(async () =>
    expect(
      (await house.pool.query("select next_check_at > now() as claimed from surfaces where id = 'left'")).rows,
    ).toEqual([{ claimed: true }]),
  );
  await house.surfaces({ id: 'other' });
  end(DOWN);
  outcome = () => UP;
  await eventually(async () => expect((await tile('other'))?.status).toBe('OPERATIONAL'));
  await house.settled();
  expect(tickets('left')).toEqual([]);
});
