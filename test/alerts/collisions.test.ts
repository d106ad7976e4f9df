import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

/** Two alert ids with the same first 16 characters, and their alert key. */
function collidingIds(letter: string) {
  const prefix = letter.repeat(16);
  return { key: `monitor:${prefix}`, first: `${prefix}-first`, second: `${prefix}-second` };
}
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const audited = async (key: string) =>
  (await environment.audit('console.alerts.key_collision')).filter(({ payload }) => payload.alert_key === key);

it('two alert ids on one live key are one alert with one ticket, and the answer shows the collision', async () => {
  const { key, first, second } = collidingIds('a');
  expect((await one.fire(first)).alerts).toEqual([{ alert_key: key, state: 'firing' }]);
  await environment.settled();
  expect((await one.fire(second)).alerts).toEqual([{ alert_key: key, state: 'firing', collision: true }]);
  expect((await one.fire(first)).alerts).toEqual([{ alert_key: key, state: 'firing', collision: true }]);
  await environment.settled();
  expect([...tickets(first), ...tickets(second)]).toHaveLength(1);
});

it('a collision writes one WARNING line and one audit row with both ids', async () => {
  const { key, first, second } = collidingIds('b');
  await one.fire(first);
  await one.fire(second);
  await one.fire(first);
  const warnings = environment.lines.filter(({ level, alert_key }) => level === 'WARNING' && alert_key === key);
  expect(warnings).toHaveLength(1);
  expect(await audited(key)).toEqual([{ payload: { alert_key: key, alert_ids: [first, second] }, actor: 'monitor' }]);
});

it('a metric counts collisions', async () => {
  const { first, second } = collidingIds('c');
  const counted = async () => {
    const line = /auto_ticketing_audit_rows_total\{action="console.alerts.key_collision"\} (\d+)/;
    return Number(line.exec(await one.metrics.registry.metrics())?.[1] ?? 0);
  };
  const before = await counted();
  await one.fire(first);
  await one.fire(second);
  expect(await counted()).toBe(before + 1);
});

it('an alert with two ids resolves when both ids are resolved, and not before', async () => {
  const { key, first, second } = collidingIds('d');
  await one.fire(first);
  await environment.settled();
  await one.fire(second);
  const [ticket] = tickets(first);
  expect((await one.resolve(first)).alerts[0]).toEqual({ alert_key: key, state: 'firing' });
  expect((await one.resolve(first)).alerts[0]?.state).toBe('firing');
  await environment.settled();
  expect(environment.notes(ticket?.id)).toEqual([]);
  expect((await one.resolve(second)).alerts[0]?.state).toBe('resolved');
  await environment.settled();
  expect(environment.notes(ticket?.id)).toEqual([expect.stringContaining('Resolved')]);
});

it('resolving an id that never fired does not resolve another id of its key', async () => {
  const { key, first, second } = collidingIds('e');
  await one.fire(first);
  expect((await one.resolve(second)).alerts).toEqual([{ alert_key: key, state: 'resolved', unknown_id: true }]);
  expect((await one.fire(first)).alerts).toEqual([{ alert_key: key, state: 'firing' }]);
});

it('two ids of one key that fire one after the other are two episodes without a collision', async () => {
  const { key, first, second } = collidingIds('f');
  await one.fire(first);
  await one.resolve(first);
  expect((await one.fire(second)).alerts[0]).toEqual({ alert_key: key, state: 'firing' });
  expect(await audited(key)).toEqual([]);
});

it('an alert key takes sixteen whole characters of the id, also outside of the Latin alphabet', async () => {
  expect((await one.fire('🔥'.repeat(20))).alerts[0]?.alert_key).toBe(`monitor:${'🔥'.repeat(16)}`);
});
