import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listSuppressed } from '../../src/alerts/suppressedStore.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let source = '';
let sources = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(async () => {
  sources += 1;
  source = `source-${sources}`;
  await one.flags.set(FLAG, false, 'mia');
});
afterAll(() => environment.close());

const names = (count: number) => Array.from({ length: count }, (_, n) => `alert-${String(n).padStart(3, '0')}`);
const keys = (ids: readonly string[]) => ids.map((id) => `${source}:${id}`);
const emit = async (ids: readonly string[], more: Partial<EmissionInput> = {}) => {
  await one.aggregator.ingest(
    source,
    ids.map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}`, ...more })),
  );
  await environment.settled();
};
const tickets = () => environment.tickets().filter(({ tags }) => tags.includes(`auto:alert:${source}`));
const umbrellas = () => tickets().filter(({ subject }) => subject.includes('STORM'));
const listed = async () => (await listSuppressed(environment.pool)).rows.filter((row) => row.source === source);
const listedKeys = async (state: string) =>
  (await listed()).flatMap((row) => (row.state === state ? [row.alert_key] : [])).toSorted();
const audited = async (action: string) =>
  (await environment.audit(action)).filter(({ actor }) => actor === source).map(({ payload }) => payload);
const skippedForStorm = async () =>
  (await audited('console.alerts.ticket_skipped')).flatMap(({ reason, alert_key }) =>
    reason === 'storm' ? [alert_key] : [],
  );

it('alerts that the flag suppresses are listed with reason and time, active ones before ended ones', async () => {
  const [first = '', ...others] = names(5);
  const before = await listSuppressed(environment.pool);
  await emit([first, ...others]);
  await emit(['p3'], { severity: 'P3' });
  await emit([first], { status: 'resolved' });
  await emit(others);
  const after = await listSuppressed(environment.pool);
  expect([after.active - before.active, after.ended - before.ended]).toEqual([4, 1]);
  expect((await listed()).at(-1)).toMatchObject({ state: 'ended', reason: 'flag_off', severity: 'P1' });
  expect(await listedKeys('ended')).toEqual(keys([first]));
  expect(await listedKeys('active')).toEqual(keys(others));
  const [row] = await listed();
  expect(Date.parse(row?.since ?? '')).toBeLessThanOrEqual(Date.parse(row?.held_at ?? ''));
});

it('a suppressed alert is filed after the flag went on, after a restart and without an emission', async () => {
  const ids = names(3);
  await emit(ids);
  await one.stop();
  one = environment.process();
  await one.reviewSuppressed();
  await environment.settled();
  expect(tickets()).toEqual([]);
  await one.flags.set(FLAG, true, 'mia');
  await one.reviewSuppressed();
  await eventually(() => expect(tickets()).toHaveLength(3));
  expect(await listedKeys('active')).toEqual([]);
});

it('alerts that are released at once without an emission keep to the storm limit', async () => {
  const ids = names(30);
  await emit(ids);
  await one.flags.set(FLAG, true, 'mia');
  await one.reviewSuppressed();
  await eventually(() => expect(umbrellas()).toHaveLength(1));
  await eventually(async () => expect(await skippedForStorm()).toHaveLength(10));
  await eventually(() => expect(tickets()).toHaveLength(20 + 1));
  await one.reviewSuppressed();
  await environment.settled();
  expect(tickets()).toHaveLength(20 + 1);
});

it('alerts that are released at once get tickets up to the storm limit, and one umbrella ticket for the others', async () => {
  const ids = names(100);
  await emit(ids);
  await one.flags.set(FLAG, true, 'mia');
  await emit(ids);
  await eventually(() => expect(umbrellas()).toHaveLength(1));
  await eventually(async () => expect(await skippedForStorm()).toHaveLength(80));
  await eventually(() => expect(tickets()).toHaveLength(20 + 1));
  await eventually(async () => {
    const filed = (await audited('console.alerts.ticket_filed')).map(({ alert_key }) => alert_key);
    expect([...filed, ...(await skippedForStorm())].toSorted()).toEqual(keys(ids));
  });
});

it('suppressed alerts that have ended stay listed, and released ones do not', async () => {
  const [ended = '', ...released] = names(3);
  await emit([ended, ...released]);
  await emit([ended], { status: 'resolved' });
  await one.flags.set(FLAG, true, 'mia');
  await emit(released);
  await eventually(() => expect(tickets()).toHaveLength(2));
  expect(await listedKeys('active')).toEqual([]);
  expect(await listedKeys('ended')).toEqual(keys([ended]));
});

it('the next episode of a suppressed alert is filed and leaves the listed one unchanged', async () => {
  const ids = names(1);
  await emit(ids);
  await emit(ids, { status: 'resolved' });
  await one.flags.set(FLAG, true, 'mia');
  await emit(ids);
  await eventually(() => expect(tickets()).toHaveLength(1));
  expect(await listed()).toMatchObject([{ state: 'ended', episode: 1 }]);
});
