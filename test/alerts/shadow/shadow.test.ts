import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listShadow } from '../../../src/alerts/shadow/list.ts';
import type { EmissionInput } from '../../../src/model/alerts.ts';
import { startEnvironment } from '../../support/environment.ts';
import { eventually } from '../../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
/** Each test has a source and a surface of its own. */
let source = '';
let surface = '';
let count = 0;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '2' });
  one = environment.process();
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
});
beforeEach(() => {
  count += 1;
  [source, surface] = [`source-${count}`, `surface-${count}`];
});
afterAll(() => environment.close());

async function emit(id: string, more: Partial<EmissionInput> = {}): Promise<void> {
  await one.aggregator.ingest(source, [
    { alert_id: id, severity: 'P1', status: 'firing', title: `Trouble ${id}`, ...more },
  ]);
  await environment.settled();
}
/** Shadow mode is read again twice a second. */
const obeys = async (isOn: boolean, ...place: [string, string | null]) =>
  eventually(async () => expect((await one.shadowNow())(...place)).toBe(isOn));
async function setSource(settings: Record<string, unknown>): Promise<void> {
  await environment.sources({ id: source, ...settings });
  await obeys(settings.shadow === true, source, null);
}
const tickets = () => environment.tickets().filter(({ tags }) => tags.includes(`auto:alert:${source}`));
const messages = (text: string) =>
  environment.slack.state.messages.filter((each) => JSON.stringify(each).includes(text));
const audited = async (action: string) =>
  (await environment.audit(`console.alerts.${action}`))
    .filter(({ actor }) => actor === source)
    .map(({ payload }) => payload);
const composed = async () => (await listShadow(environment.pool)).tickets.filter((ticket) => ticket.source === source);
const filings = async () =>
  (await environment.pool.query<{ phase: string }>('select phase from filings where source = $1', [source])).rows;

it('an alert of a source in shadow mode is composed and audited, and nothing is posted, however often it is repeated', async () => {
  await setSource({ shadow: true });
  await emit('one', { details: 'Disk <b>full</b>', labels: { host: 'db-1' } });
  await emit('one', { details: 'Disk <b>full</b>', labels: { host: 'db-1' } });
  await one.reviewSuppressed();
  expect(tickets()).toEqual([]);
  expect(messages('Trouble one')).toEqual([]);
  expect(await composed()).toMatchObject([
    {
      alert_key: `${source}:one`,
      severity: 'P1',
      on_umbrella: false,
      text: expect.stringContaining('Disk <b>full</b>'),
    },
  ]);
  expect((await composed())[0]?.subject).toMatch(/^\[AT-\w{10}\] P1: Trouble one$/);
  expect((await listShadow(environment.pool)).messages).toContainEqual(
    expect.objectContaining({ source, kind: 'opened', headline: 'P1: Trouble one' }),
  );
  expect(await audited('shadow_ticket_composed')).toMatchObject([{ alert_key: `${source}:one`, severity: 'P1' }]);
  expect(await audited('ticket_skipped')).toMatchObject([{ reason: 'shadow' }]);
  expect(await filings()).toEqual([{ phase: 'withdrawn' }]);
});

it('what is still active when shadow mode ends gets one ticket and one message, and what has ended gets none', async () => {
  await setSource({ shadow: true });
  await emit('over');
  await emit('lasts');
  await emit('over', { status: 'resolved' });
  await setSource({});
  expect(await one.reviewSuppressed()).toBeGreaterThan(0);
  await environment.settled();
  expect(tickets().map(({ subject }) => subject.slice(16))).toEqual(['P1: Trouble lasts']);
  await eventually(() => expect(messages('Trouble lasts')).toHaveLength(1));
  await eventually(() =>
    expect(JSON.stringify(messages('Trouble lasts'))).toContain(`/conversation/${tickets()[0]?.id}`),
  );
  expect(messages('Trouble over')).toEqual([]);
  expect(await audited('ticket_filed')).toMatchObject([{ alert_key: `${source}:lasts` }]);
});

it('an alert that was recorded only at first, and got worse in shadow mode, gets one ticket and one message when that ends', async () => {
  await setSource({ shadow: true });
  await emit('worse', { severity: 'P3', quiet: true });
  await emit('worse');
  await setSource({});
  expect(await one.reviewSuppressed()).toBeGreaterThan(0);
  await environment.settled();
  expect(tickets().map(({ subject }) => subject.slice(16))).toEqual(['P1: Trouble worse']);
  await eventually(() => expect(messages('Trouble worse')).toHaveLength(1));
});

it('a surface in shadow mode takes no place in the storm window from alerts about other surfaces', async () => {
  await environment.surfaces({ id: surface, shadow: true }, { id: 'other' });
  await obeys(true, source, surface);
  for (const id of ['a', 'b', 'c']) await emit(id, { surface_id: surface });
  await emit('live', { surface_id: 'other' });
  expect(tickets().map(({ subject }) => subject.slice(16))).toEqual(['P1: Trouble live (other)']);
  const marks = (await composed()).map(({ alert_key, on_umbrella }) => [alert_key, on_umbrella]);
  expect(marks.toSorted()).toEqual([
    [`${source}:a`, false],
    [`${source}:b`, false],
    [`${source}:c`, true],
  ]);
});

it('a ticket that was filed before shadow mode began gets no note, which is audited', async () => {
  await emit('early');
  await setSource({ shadow: true });
  await emit('early', { status: 'resolved' });
  expect(environment.notes(tickets()[0]?.id)).toEqual([]);
  expect(await audited('note_dropped')).toMatchObject([{ reason: 'shadow mode' }]);
});

it('a suppression that ends in shadow mode leads to a composed ticket, not to a posted one', async () => {
  await environment.surfaces({ id: surface });
  const until = new Date(Date.now() + 600_000).toISOString();
  const maintain = (event: object) =>
    one.deliver([{ to: `surface:${surface}`, event: { type: 'MAINTENANCE_ENDED', by: 'mia', ...event } }]);
  await maintain({ type: 'MAINTENANCE_SET', until, reason: 'new disks' });
  await setSource({ shadow: true });
  await emit('held', { surface_id: surface });
  expect(await composed()).toEqual([]);
  await maintain({});
  expect(await one.reviewSuppressed()).toBeGreaterThan(0);
  await environment.settled();
  expect(await composed()).toMatchObject([{ alert_key: `${source}:held` }]);
  expect(tickets()).toEqual([]);
});

it('many alerts of a source in shadow mode at once are all composed, and nothing about them is posted', async () => {
  await setSource({ shadow: true });
  const ids = Array.from({ length: 60 }, (_, n) => `many-${n}`);
  await one.aggregator.ingest(
    source,
    ids.map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble ${id}` })),
  );
  await environment.settled();
  expect(await composed()).toHaveLength(60);
  expect((await composed()).filter(({ on_umbrella }) => !on_umbrella)).toHaveLength(2);
  expect(new Set((await filings()).map(({ phase }) => phase))).toEqual(new Set(['withdrawn']));
  const { rows } = await environment.pool.query('select kind from direct_messages where source = $1', [source]);
  expect([...tickets(), ...rows]).toEqual([]);
});
