import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { retireRemoved } from '../../src/surfaces/sync.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const alerts = async (surfaceId: string) =>
  (
    await environment.pool.query(
      `select id, snapshot->'context' as context from actors
       where kind = 'alert' and snapshot->'context'->>'surfaceId' = $1 order by created_at`,
      [surfaceId],
    )
  ).rows as {
    id: string;
    context: { ids: string[]; active: boolean; episode: number; severity: string; ticket: { id: number } | null };
  }[];
const surface = async (id: string) =>
  (await environment.pool.query("select snapshot->'context' as context from actors where id = $1", [`surface:${id}`]))
    .rows[0]?.context;
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));

it('the alert id of an outage is the hash of the surface and the instant of confirmation', async () => {
  await one.check('api', 'up', 'down');
  const { confirmedAt } = await surface('api');
  const [alert] = await alerts('api');
  expect(alert?.context.ids).toEqual([createHash('sha256').update(`api\n${confirmedAt}`).digest('hex')]);
  expect(alert?.context.ids[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(alert?.id).toBe(`alert:status_poller:${alert?.context.ids[0]?.slice(0, 16)}`);
});

it('an alert of an outage stays the same however long the outage lasts, and through restarts', async () => {
  await one.check('long', 'up', ...Array(10).fill('down'));
  await one.stop();
  one = environment.process();
  await one.check('long', ...Array(10).fill('down'));
  await environment.settled();
  expect(await alerts('long')).toHaveLength(1);
  expect(tickets('long')).toHaveLength(1);
});

it('tickets and direct messages of an outage name the surface, its status and the console', async () => {
  await one.check('texts', 'up', 'down');
  await environment.settled();
  const [ticket] = tickets('texts');
  expect(ticket?.subject).toMatch(/P1: Surface texts is DOWN \(texts\)$/);
  expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:status_poller']);
  const body = ticket?.threads[0]?.body ?? '';
  expect(body).toContain('HTTP 500');
  expect(body).toContain((await alerts('texts'))[0]?.id.replace('alert:', ''));
  const opening = JSON.stringify(environment.openings().find(({ text }) => text.includes('Surface texts'))?.blocks);
  expect(opening).toContain('Surface texts (texts)');
  expect(opening).toContain('http://127.0.0.1:3000/console/');
});

it('a recovery resolves the alert with a note and a reply, and the next outage is another alert', async () => {
  await one.check('recovers', 'up', 'down');
  await environment.settled();
  await one.check('recovers', 'up', 'up');
  await environment.settled();
  const [ticket] = tickets('recovers');
  expect((await alerts('recovers'))[0]?.context).toMatchObject({ active: false });
  expect(ticket).toMatchObject({ status: 'active' });
  expect(environment.notes(ticket?.id)).toEqual([expect.stringContaining('Resolved')]);
  await one.check('recovers', 'down');
  await environment.settled();
  expect((await alerts('recovers')).map(({ context }) => context.active)).toEqual([false, true]);
  expect(tickets('recovers')).toHaveLength(2);
});

it('a surface that goes from DEGRADED to DOWN keeps its alert: P3 sends a message, P1 files', async () => {
  await one.check('worse', 'up', 'slow');
  await environment.settled();
  expect(tickets('worse')).toEqual([]);
  await one.check('worse', 'down');
  await environment.settled();
  expect(await alerts('worse')).toHaveLength(1);
  expect((await alerts('worse'))[0]?.context).toMatchObject({ severity: 'P1', episode: 1 });
  expect(tickets('worse')).toHaveLength(1);
  expect(
    environment
      .openings()
      .filter(({ text }) => text.includes('Surface worse'))
      .map(({ text }) => text.split('\n')[0]),
  ).toEqual([expect.stringContaining('P1'), 'Now P1: Surface worse is DOWN']);
});

it('a surface that goes from DOWN to DEGRADED keeps its alert active', async () => {
  await one.check('better', 'up', 'down');
  await one.check('better', 'slow', 'slow');
  await environment.settled();
  expect((await alerts('better')).map(({ context }) => context.active)).toEqual([true]);
  expect(tickets('better')).toHaveLength(1);
});

it('a status without a severity raises no alert and ends the alert of another status', async () => {
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
  await environment.settled();
  expect(tickets('own')).toHaveLength(1);
  await check('slow', 'P2');
  await environment.settled();
  expect((await alerts('own'))[0]?.context.active).toBe(false);
});

it('removing a surface from the file ends its episode with a note and makes it UNKNOWN', async () => {
  await environment.surfaces({ id: 'gone' }, { id: 'stays' });
  await one.check('gone', 'up', 'down');
  await one.check('stays', 'up', 'down');
  await environment.settled();
  await environment.surfaces({ id: 'stays' });
  for (const _ of [1, 2]) await retireRemoved(environment.pool, one.deliver);
  await environment.settled();
  expect((await alerts('gone'))[0]?.context.active).toBe(false);
  expect(environment.notes(tickets('gone')[0]?.id)).toEqual([expect.stringContaining('surface taken out of the file')]);
  expect(tickets('gone')[0]?.status).toBe('active');
  expect(await surface('gone')).toMatchObject({ status: 'UNKNOWN' });
  expect((await alerts('stays'))[0]?.context.active).toBe(true);
});

it('removing a surface that has no status yet ends the alert about its certificate', async () => {
  await environment.surfaces({ id: 'expiring' });
  const certificate = { expiresAt: '2026-05-10T00:00:00.000Z', soon: true };
  const policy = { failuresToOpen: 2, successesToClose: 2, severity: { degraded: 'P3', down: 'P1' } };
  const check = { type: 'CHECKED', outcome: 'down', error: 'HTTP 500', name: 'Expiring', certificate, ...policy };
  await one.deliver([{ to: 'surface:expiring', event: check }]);
  expect(await surface('expiring')).toMatchObject({ status: 'UNKNOWN' });
  expect((await alerts('expiring')).map(({ context }) => context.active)).toEqual([true]);
  await environment.surfaces();
  await retireRemoved(environment.pool, one.deliver);
  expect((await alerts('expiring')).map(({ context }) => context.active)).toEqual([false]);
});

it('an outage that began during maintenance is filed once the maintenance is over', async () => {
  await one.deliver([
    {
      to: 'surface:kept',
      event: { type: 'MAINTENANCE_SET', until: '2099-01-01T00:00:00.000Z', reason: 'upgrade', by: 'mia' },
    },
  ]);
  await one.check('kept', 'up', 'down', 'down');
  await environment.settled();
  expect(await alerts('kept')).toEqual([]);
  await one.deliver([{ to: 'surface:kept', event: { type: 'MAINTENANCE_ENDED', by: 'mia' } }]);
  await one.check('kept', 'down');
  await environment.settled();
  expect(tickets('kept')).toHaveLength(1);
});
