import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { retireRemoved } from '../../src/surfaces/sync.ts';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const alerts = async (surfaceId: string) =>
  (
    await house.pool.query(
      `select id, snapshot->'context' as context from actors
       where kind = 'alert' and snapshot->'context'->>'surfaceId' = $1 order by created_at`,
      [surfaceId],
    )
  ).rows as {
    id: string;
    context: { ids: string[]; active: boolean; episode: number; severity: string; ticket: { id: number } | null };
  }[];
const surface = async (id: string) =>
  (await house.pool.query("select snapshot->'context' as context from actors where id = $1", [`surface:${id}`])).rows[0]
    ?.context;
const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('an outage has one alert id: the hash of the surface and the instant it was confirmed', async () => {
  await one.check('api', 'up', 'down');
  const { confirmedAt } = await surface('api');
  const [alert] = await alerts('api');
  expect(alert?.context.ids).toEqual([createHash('sha256').update(`api\n${confirmedAt}`).digest('hex')]);
  expect(alert?.context.ids[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(alert?.id).toBe(`alert:status_poller:${alert?.context.ids[0]?.slice(0, 16)}`);
});

it('it stays the same however long the outage lasts, and through restarts', async () => {
  await one.check('api', ...Array(10).fill('down'));
  await one.stop();
  one = house.process();
  await one.check('api', ...Array(10).fill('down'));
  await house.settled();
  expect(await alerts('api')).toHaveLength(1);
  expect(tickets('api')).toHaveLength(1);
});

it('tickets and direct messages name the surface, its status and the console', async () => {
  expect(tickets('api')[0]?.subject).toMatch(/P1: Surface api is DOWN \(api\)$/);
  expect(tickets('api')[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:status_poller']);
  const body = tickets('api')[0]?.threads[0]?.body ?? '';
  expect(body).toContain('HTTP 500');
  expect(body).toContain((await alerts('api'))[0]?.id.replace('alert:', ''));
  const opening = JSON.stringify(house.openings()[0]?.blocks);
  expect(opening).toContain('Surface api (api)');
  expect(opening).toContain('http://127.0.0.1:3000/console/');
});

it('a recovery resolves it with a note and a reply, and the next outage is another alert', async () => {
  await one.check('api', 'up', 'up');
  await house.settled();
  expect((await alerts('api'))[0]?.context).toMatchObject({ active: false });
  expect(tickets('api')[0]).toMatchObject({ status: 'active' });
  expect(house.notes(tickets('api')[0]?.id)).toEqual([expect.stringContaining('Resolved')]);
  await one.check('api', 'down');
  await house.settled();
  expect((await alerts('api')).map(({ context }) => context.active)).toEqual([false, true]);
  expect(tickets('api')).toHaveLength(2);
});

it('DEGRADED to DOWN is the same alert with a higher severity: P3 is told, P1 filed', async () => {
  await one.check('web', 'up', 'slow');
  await house.settled();
  expect(tickets('web')).toEqual([]);
  await one.check('web', 'down');
  await house.settled();
  expect(await alerts('web')).toHaveLength(1);
  expect((await alerts('web'))[0]?.context).toMatchObject({ severity: 'P1', episode: 1 });
  expect(tickets('web')).toHaveLength(1);
  expect(
    house
      .openings()
      .filter(({ text }) => text.includes('Surface web'))
      .map(({ text }) => text.split('\n')[0]),
  ).toEqual([expect.stringContaining('P1'), 'Now P1: Surface web is DOWN']);
});

it('DOWN to DEGRADED stays that alert, and resolves nothing', async () => {
  await one.check('web', 'slow', 'slow');
  await house.settled();
  expect((await alerts('web')).map(({ context }) => context.active)).toEqual([true]);
  expect(tickets('web')).toHaveLength(1);
});

it('a status without a severity raises no alert, and ends one that another status raised', async () => {
  const check = (outcome: string, down: string | null) =>
    one.deliver([
      {
        to: 'surface:own',
        event: {
          type: 'CHECKED',
          outcome,
          error: 'slow',
          name: 'Own',
          failuresToOpen: 1,
          successesToClose: 1,
          severity: { degraded: null, down },
        },
      },
    ]);
  await check('slow', 'P2');
  expect(await alerts('own')).toEqual([]);
  await check('down', 'P2');
  await house.settled();
  expect(tickets('own')).toHaveLength(1);
  await check('slow', 'P2');
  await house.settled();
  expect((await alerts('own'))[0]?.context.active).toBe(false);
});

it('a surface that leaves the file ends its episode with a note that says so, and is UNKNOWN', async () => {
  await house.surfaces({ id: 'gone' }, { id: 'stays' });
  await one.check('gone', 'up', 'down');
  await one.check('stays', 'up', 'down');
  await house.settled();
  await house.surfaces({ id: 'stays' });
  for (const _ of [1, 2]) await retireRemoved(house.pool, one.deliver);
  await house.settled();
  expect((await alerts('gone'))[0]?.context.active).toBe(false);
  expect(house.notes(tickets('gone')[0]?.id)).toEqual([expect.stringContaining('surface taken out of the file')]);
  expect(tickets('gone')[0]?.status).toBe('active');
  expect(await surface('gone')).toMatchObject({ status: 'UNKNOWN' });
  expect((await alerts('stays'))[0]?.context.active).toBe(true);
});

it('an outage that fell while maintenance went on is told once the maintenance is over', async () => {
  await one.deliver([
    {
      to: 'surface:kept',
      event: { type: 'MAINTENANCE_SET', until: '2099-01-01T00:00:00.000Z', reason: 'upgrade', by: 'mia' },
    },
  ]);
  await one.check('kept', 'up', 'down', 'down');
  await house.settled();
  expect(await alerts('kept')).toEqual([]);
  await one.deliver([{ to: 'surface:kept', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await one.check('kept', 'down');
  await house.settled();
  expect(tickets('kept')).toHaveLength(1);
});
