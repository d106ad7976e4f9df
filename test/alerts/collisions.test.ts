import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const KEY = 'monitor:abcdefghijklmnop';
const FIRST = 'abcdefghijklmnop-first';
const SECOND = 'abcdefghijklmnop-second';

it('two full ids on one live key are one alert with one ticket, and the answer says so', async () => {
  expect((await one.fire(FIRST)).alerts).toEqual([{ alert_key: KEY, state: 'firing' }]);
  await house.settled();
  expect((await one.fire(SECOND)).alerts).toEqual([{ alert_key: KEY, state: 'firing', collision: true }]);
  expect((await one.fire(FIRST)).alerts).toEqual([{ alert_key: KEY, state: 'firing', collision: true }]);
  await house.settled();
  expect(house.tickets()).toHaveLength(1);
});

it('it is never silent: a WARNING line and an audit row with both ids', async () => {
  expect(house.lines.filter(({ level, alert_key }) => level === 'WARNING' && alert_key === KEY)).toHaveLength(1);
  expect(await house.audit('console.alerts.key_collision')).toEqual([
    { payload: { alert_key: KEY, alert_ids: [FIRST, SECOND] }, actor: 'monitor' },
  ]);
});

it('it is counted', async () => {
  const metrics = await one.metrics.registry.metrics();
  expect(metrics).toContain('auto_ticketing_audit_rows_total{action="console.alerts.key_collision"} 1');
});

it('it resolves when all its ids have, and not before', async () => {
  expect((await one.resolve(FIRST)).alerts[0]).toEqual({ alert_key: KEY, state: 'firing' });
  expect((await one.resolve(FIRST)).alerts[0]?.state).toBe('firing');
  await house.settled();
  expect(house.notes(house.tickets()[0]?.id)).toEqual([]);
  expect((await one.resolve(SECOND)).alerts[0]?.state).toBe('resolved');
  await house.settled();
  expect(house.notes(house.tickets()[0]?.id)).toEqual([expect.stringContaining('Resolved')]);
});

it('an id that never fired resolves nothing', async () => {
  await one.fire('qrstuvwxyzabcdef-1');
  expect((await one.resolve('qrstuvwxyzabcdef-2')).alerts[0]?.state).toBe('firing');
});

it('two ids that fire one after the other are two episodes and no collision', async () => {
  await one.fire('one-after-another-1');
  await one.resolve('one-after-another-1');
  expect((await one.fire('one-after-another-2')).alerts[0]).toEqual({
    alert_key: 'monitor:one-after-anothe',
    state: 'firing',
  });
  expect(await house.audit('console.alerts.key_collision')).toHaveLength(1);
});

it('ids of other alphabets are cut after sixteen characters, not in the middle of one', async () => {
  expect((await one.fire('🔥'.repeat(20))).alerts[0]?.alert_key).toBe(`monitor:${'🔥'.repeat(16)}`);
});
