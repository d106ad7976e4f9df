import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let id = '';
let count = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
  await environment.surfaces(
    { id: 'b' },
    { id: 'parent' },
    { id: 'child', depends_on: ['parent'] },
    { id: 'switch' },
    { id: 'host', depends_on: ['switch'] },
  );
});
beforeEach(() => {
  count += 1;
  id = `once-${count}-000000`;
});
afterAll(() => environment.close());

const tickets = (text: string) => environment.tickets().filter(({ subject }) => subject.includes(text));
const outages = (surface: string) =>
  tickets(`(${surface})`).filter(({ tags }) => tags.includes('auto:alert:status_poller'));
const review = async () => {
  const decided = await one.reviewSuppressed();
  await environment.settled();
  return decided;
};
const maintenance = (surface: string, event: { type: string; until?: string; reason?: string }) =>
  one.deliver([{ to: `surface:${surface}`, event: { by: 'mia', ...event } }]);
const checked = (surfaceId: string, outcome: 'up' | 'down') =>
  recordChecks(environment.pool, [
    { surfaceId, at: new Date(), outcome, latencyMs: 1, httpStatus: outcome === 'up' ? 200 : 500, error: null },
  ]);
const skipReasons = async () =>
  (await environment.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.alert_key === `monitor:${id}`)
    .map(({ payload }) => payload.reason);

it('an alert that was sent once during maintenance is filed when the maintenance ends', async () => {
  const until = new Date(Date.now() + 180_000).toISOString();
  await maintenance('b', { type: 'MAINTENANCE_SET', until, reason: 'new disks' });
  await one.fire(id, { surface_id: 'b' });
  expect(await review()).toBe(0);
  expect(tickets(id)).toEqual([]);
  await maintenance('b', { type: 'MAINTENANCE_ENDED' });
  expect(await review()).toBe(1);
  expect(tickets(id)).toHaveLength(1);
  expect(await skipReasons()).toEqual(['maintenance']);
  expect(await review()).toBe(0);
});

it('an alert that resolved during maintenance is not filed when the maintenance ends', async () => {
  const until = new Date(Date.now() + 180_000).toISOString();
  await maintenance('b', { type: 'MAINTENANCE_SET', until, reason: 'new disks' });
  await one.fire(id, { surface_id: 'b' });
  await one.resolve(id);
  await maintenance('b', { type: 'MAINTENANCE_ENDED' });
  expect(await review()).toBe(0);
  expect(tickets(id)).toEqual([]);
});

it('an alert that was sent once about a failing dependency is filed when the dependency has recovered', async () => {
  await checked('parent', 'down');
  await one.check('parent', 'down');
  await one.fire(id, { surface_id: 'child' });
  await environment.settled();
  expect(await skipReasons()).toEqual(['dependency']);
  await checked('parent', 'up');
  await one.check('parent', 'up');
  expect(await review()).toBe(1);
  expect(tickets(id)).toHaveLength(1);
});

it('an outage that a dependency explained waits for two more bad checks when the dependency has recovered', async () => {
  for (const surface of ['switch', 'host']) {
    await checked(surface, 'down');
    await one.check(surface, 'down');
  }
  await environment.settled();
  await checked('switch', 'up');
  await one.check('switch', 'up');
  expect(await review()).toBe(0);
  expect(outages('host')).toEqual([]);
  for (const filed of [0, 1]) {
    await checked('host', 'down');
    await one.check('host', 'down');
    await environment.settled();
    expect(outages('host')).toHaveLength(filed);
  }
});
