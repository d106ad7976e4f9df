import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  await environment.surfaces({ id: 'api', name: 'API (production)' });
});
afterAll(() => environment.close());

const firing = (id: string, more = {}) =>
  ({ alert_id: id, severity: 'P3', status: 'firing', title: `Trouble with ${id}`, ...more }) as const;
const count = async (like: string) =>
  Number((await environment.pool.query('select count(*) as n from actors where id like $1', [like])).rows[0].n);

it('an answered alert is stored in the database', async () => {
  await one.aggregator.ingest('durable', [firing('x')]);
  const { rows } = await environment.pool.query(
    "select state->>'life' as life from actors where id = 'alert:durable:x'",
  );
  expect(rows).toEqual([{ life: 'firing' }]);
});

it('alerts of one batch are processed in their order', async () => {
  const answer = await one.aggregator.ingest('order', [
    firing('a'),
    firing('a', { status: 'resolved' }),
    firing('b', { status: 'resolved' }),
    firing('b'),
  ]);
  expect(answer.alerts.map(({ state }) => state)).toEqual(['resolved', 'resolved', 'firing', 'firing']);
});

it("an alert about a surface carries the surface's name and id to the ticket", async () => {
  await one.aggregator.ingest('monitor', [firing('disk', { severity: 'P1', surface_id: 'api' })]);
  await environment.settled();
  const ticket = environment.tickets().find(({ subject }) => subject.includes('Trouble with disk'));
  expect(ticket?.subject).toMatch(/P1: Trouble with disk - API \(production\) \(api\)$/);
});

it('"alert_aggregator emit" is logged once for each new or changed alert, and not for repeats', async () => {
  const lines = () =>
    environment.lines.filter(({ msg, alert_key }) => msg === 'alert_aggregator emit' && alert_key === 'monitor:logged');
  for (const _ of [1, 2, 3]) await one.fire('logged', { severity: 'P3' });
  expect(lines()).toHaveLength(1);
  await one.fire('logged', { severity: 'P2' });
  await one.resolve('logged');
  expect(lines().map(({ level, state, severity }) => ({ level, state, severity }))).toEqual([
    { level: 'INFO', state: 'firing', severity: 'P3' },
    { level: 'INFO', state: 'firing', severity: 'P2' },
    { level: 'INFO', state: 'resolved', severity: 'P2' },
  ]);
});

it('resolving an alert that never fired stores no alert', async () => {
  expect((await one.resolve('never')).alerts).toEqual([
    { alert_key: 'monitor:never', state: 'resolved', unknown_id: true },
  ]);
  expect(await count('alert:monitor:never')).toBe(0);
});

it('a batch of five hundred is answered in its order, with one state each', async () => {
  const alerts = Array.from({ length: 500 }, (_, n) => firing(`batch-${n}`));
  const answer = await one.aggregator.ingest('bulk', alerts);
  expect(answer.accepted).toBe(500);
  expect(answer.alerts).toEqual(alerts.map(({ alert_id }) => ({ alert_key: `bulk:${alert_id}`, state: 'firing' })));
  expect(await count('alert:bulk:%')).toBe(500);
});
