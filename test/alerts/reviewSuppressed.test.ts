import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { createReviewSuppressed } from '../../src/alerts/reviewSuppressed.ts';
import { createSilences } from '../../src/alerts/silences/silences.ts';
import type { SilenceMatchers } from '../../src/model/silences.ts';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let id = '';
let count = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
  await environment.surfaces(
    { id: 'alone' },
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

const connection = (type: 'LOST' | 'REACHED') => one.deliver([{ to: 'connection', event: { type, targets: 1 } }]);
const silence = (matchers: SilenceMatchers) =>
  createSilences(environment.pool).create(
    { matchers, until: new Date(Date.now() + 3_600_000), reason: 'moving' },
    'mia',
  );
/** As if the silences had been made, and applied, so much earlier. */
const passed = (time: string) =>
  environment.pool.query(
    'update silences set created_at = created_at - $1::interval, applied_at = applied_at - $1::interval',
    [time],
  );

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

it('an outage that was held back while this console was offline waits for its next check also after a silence', async () => {
  await connection('LOST');
  await one.check('alone', 'down');
  await environment.settled();
  const { id: silenceId } = await silence({ surface_id: 'alone' });
  await passed('1 minute');
  await review();
  await connection('REACHED');
  await createSilences(environment.pool).end(silenceId, 'mia');
  await review();
  expect(outages('alone')).toEqual([]);
  await eventually(async () => expect((await one.recentSilences()).map((each) => each.id)).not.toContain(silenceId));
  await one.check('alone', 'down');
  await environment.settled();
  expect(outages('alone')).toHaveLength(1);
});

it('alerts are released although new silences cannot be applied, which fails afterwards', async () => {
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', false, 'mia');
  await one.fire(id);
  await environment.settled();
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
  const query = (text: string, values: unknown[]) =>
    text.includes('from silences') ? Promise.reject(new Error('no silences')) : environment.pool.query(text, values);
  const broken = createReviewSuppressed({
    pool: { query } as unknown as Pool,
    deliver: one.deliver,
    isAutoTicketOn: async () => true,
    silencesNow: async () => [],
    suppressionNow: async () => () => NOT_SUPPRESSED,
    shadowNow: async () => () => false,
  });
  await expect(broken()).rejects.toThrow('no silences');
  await environment.settled();
  expect(tickets(id)).toHaveLength(1);
});

it('a silence is applied once more half a minute later, for emissions that were judged before it was committed', async () => {
  const alert = `alert:monitor:${id}`;
  /** As an emission would that was judged before the silence was committed. */
  const emit = () => one.deliver([{ to: alert, event: { type: 'HOLD_REVIEWED', held: null, under: [] } }]);
  const held = async () => {
    await review();
    const { rows } = await environment.pool.query(
      "select snapshot->'context'->>'held' as held from actors where id = $1",
      [alert],
    );
    return rows[0]?.held;
  };
  await one.fire(id, { severity: 'P3' });
  await silence({ alert_key: `monitor:${id}` });
  await passed('2 seconds');
  const seen: unknown[] = [];
  for (const time of ['2 seconds', '30 seconds', '30 seconds']) {
    seen.push(await held());
    await emit();
    await passed(time);
  }
  seen.push(await held());
  expect(seen).toEqual(['silenced', null, 'silenced', null]);
});
