import { afterAll, beforeAll, expect, it } from 'vitest';
import { listSuppressed } from '../../src/alerts/suppressedStore.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const NAMES = Array.from({ length: 100 }, (_, n) => `held-${String(n).padStart(3, '0')}`);
const OVER = NAMES.slice(0, 3);
const GOES_ON = NAMES.slice(3);

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const emit = (names: string[], more: Partial<EmissionInput> = {}) =>
  one.aggregator.ingest(
    'monitor',
    names.map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}`, ...more })),
  );
const own = () => house.tickets().filter(({ subject }) => subject.includes('Trouble with held-'));
const umbrellas = () => house.tickets().filter(({ subject }) => subject.includes('STORM'));
const keysOf = async (state: string) =>
  (await listSuppressed(house.pool)).rows.flatMap((row) => (row.state === state ? [row.alert_key] : [])).toSorted();

it('what would have been filed while the flag is off is listed: what it is, since when, why, and what has ended', async () => {
  await one.flags.set(FLAG, false, 'mia');
  await emit(NAMES);
  await emit(['p3'], { severity: 'P3' });
  await emit(OVER, { status: 'resolved' });
  await emit(GOES_ON);
  const held = await listSuppressed(house.pool);
  expect(held).toMatchObject({ active: 97, ended: 3 });
  expect(held.rows.at(-1)).toMatchObject({ state: 'ended', reason: 'flag_off', severity: 'P1', source: 'monitor' });
  expect(await keysOf('ended')).toEqual(OVER.map((id) => `monitor:${id}`));
  expect(await keysOf('active')).toEqual(GOES_ON.map((id) => `monitor:${id}`));
  const [first] = held.rows;
  expect(Date.parse(first?.since ?? '')).toBeLessThanOrEqual(Date.parse(first?.held_at ?? ''));
});

it('nothing is filed for it, after a restart and once the flag is on, before it is emitted again', async () => {
  await house.settled();
  await one.stop();
  one = house.process();
  await emit(GOES_ON);
  await house.settled();
  expect(house.tickets()).toEqual([]);
  await one.flags.set(FLAG, true, 'mia');
  await house.settled();
  expect(house.tickets()).toEqual([]);
});

it('a hundred let go at once keep to the ceiling: twenty tickets, and one umbrella for all others', async () => {
  await emit(GOES_ON);
  await house.settled();
  await eventually(() => expect(umbrellas()).toHaveLength(1));
  await eventually(async () => expect((await storms()).length).toBe(77));
  expect(own()).toHaveLength(20);
  const filed = (await house.audit('console.alerts.ticket_filed')).map(({ payload }) => payload.alert_key);
  expect([...filed, ...(await storms())].toSorted()).toEqual(GOES_ON.map((id) => `monitor:${id}`));
});

it('what has ended stays listed, unfiled; what was let go is not held any more', async () => {
  expect(await listSuppressed(house.pool)).toMatchObject({ active: 0, ended: 3 });
  expect(await keysOf('ended')).toEqual(OVER.map((id) => `monitor:${id}`));
});

it('its next episode is another matter, and leaves the last one where it is', async () => {
  await house.pool.query("update filings set admitted_at = admitted_at - interval '11 minutes'");
  await emit(OVER.slice(0, 1));
  await house.settled();
  await eventually(() => expect(own()).toHaveLength(21));
  expect(await listSuppressed(house.pool)).toMatchObject({ active: 0, ended: 3 });
});

const storms = async () =>
  (await house.audit('console.alerts.ticket_skipped')).flatMap(({ payload }) =>
    payload.reason === 'storm' ? [payload.alert_key] : [],
  );
