import { afterAll, beforeAll, expect, it } from 'vitest';
import { listAlerts } from '../../src/alerts/alertList.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  await environment.surfaces({ id: 'a' }, { id: 'b' });
});
afterAll(() => environment.close());

const shown = async (q: string) =>
  (await listAlerts(environment.pool, { q, limit: 5, silentAfterSeconds: {} })).rows[0];
const ticketOf = (text: string) => environment.tickets().find(({ subject }) => subject.includes(text));
const texts = () => environment.slack.state.messages.map(({ text }) => text);

it('the newest title, address, surface and severity of an episode are shown', async () => {
  await one.fire('newest', { surface_id: 'a', url: 'https://a.example/1' });
  await one.fire('newest', {
    title: 'Disk 97 % full',
    surface_id: 'b',
    url: 'https://a.example/2',
    severity: 'P2',
  });
  expect(await shown('monitor:newest')).toMatchObject({
    title: 'Disk 97 % full',
    surface_id: 'b',
    url: 'https://a.example/2',
    severity: 'P2',
    episode: 1,
  });
});

it('a new title is a note on the ticket and a message, and the resolution names it', async () => {
  await one.fire('renamed', { title: 'Queue is slow' });
  await environment.settled();
  await one.fire('renamed', { title: 'Queue is stuck' });
  await one.fire('renamed', { title: 'Queue is stuck' });
  await environment.settled();
  const ticket = ticketOf('Queue is slow');
  expect(environment.notes(ticket?.id)).toEqual([expect.stringContaining('Queue is stuck')]);
  expect(texts().filter((text) => text.includes('Now P1: Queue is stuck'))).toHaveLength(1);
  await one.resolve('renamed');
  await environment.settled();
  expect(environment.notes(ticket?.id).at(-1)).toContain('Queue is stuck');
  expect(environment.tickets().filter(({ subject }) => subject.includes('Queue is'))).toHaveLength(1);
});

it('the facts that changed while its ticket waited for the help desk are in one note, with foreign HTML escaped', async () => {
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('waits', { title: 'Volume', details: '82 % of <a>', surface_id: 'a', url: 'https://a.example/1' });
  await environment.settled();
  await one.fire('waits', { title: 'Volume', details: '99 % of <b>', surface_id: 'b', url: 'https://a.example/2' });
  environment.desk.control.faults.clear();
  await eventually(async () => {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    await environment.settled();
    expect(environment.notes(ticketOf('Volume')?.id)).toHaveLength(1);
  });
  const notes = environment.notes(ticketOf('Volume')?.id);
  for (const text of ['99 % of &lt;b&gt;', 'Surface: b (b)', 'https://a.example/2']) expect(notes[0]).toContain(text);
});

it('an outage that goes from DEGRADED to DOWN at one severity is noted and announced', async () => {
  const severity = { degraded: 'P1', down: 'P1' };
  const policy = { failuresToOpen: 1, successesToClose: 1, severity };
  const check = async (outcome: string, error: string) => {
    const event = { type: 'CHECKED', outcome, error, name: 'Surface a', ...policy };
    await one.deliver([{ to: 'surface:a', event }]);
    await environment.settled();
  };
  await check('slow', 'took 3 s');
  await check('down', 'HTTP 500');
  const ticket = ticketOf('Surface a is DEGRADED');
  expect(environment.notes(ticket?.id)).toEqual([expect.stringContaining('Surface a is DOWN')]);
  expect(texts().filter((text) => text.includes('Now P1: Surface a is DOWN'))).toHaveLength(1);
  expect(await shown('Surface a is DOWN')).toMatchObject({ state: 'firing', surface_id: 'a' });
});

it.each([
  ['sent', { at: '2026-05-05T14:00:00.000Z' }, { at: '2026-05-05T14:05:00.000Z' }],
  ['stored', { arrived_at: '2026-05-05T14:00:00.000Z' }, { arrived_at: '2026-05-05T14:05:00.000Z' }],
])(
  'an emission that was %s before the last one changes no facts, and a higher severity of it counts',
  async (how, older, newer) => {
    const id = `late-${how}`;
    await one.fire(id, { ...newer, severity: 'P3', title: `Newest of ${id}`, url: 'https://a.example/new' });
    await one.fire(id, { ...older, severity: 'P3', title: `Older of ${id}`, url: 'https://a.example/old' });
    await environment.settled();
    const newest = { title: `Newest of ${id}`, url: 'https://a.example/new', episode: 1 };
    expect(await shown(`monitor:${id}`)).toMatchObject({ ...newest, ticket: null });
    await one.fire(id, { ...older, severity: 'P1', title: `Older of ${id}`, url: 'https://a.example/old' });
    await environment.settled();
    expect(await shown(`monitor:${id}`)).toMatchObject(newest);
    expect(ticketOf(`P1: Newest of ${id}`)).toBeDefined();
    expect([...environment.tickets().map(({ subject }) => subject), ...texts()].join()).not.toContain(`Older of ${id}`);
  },
);
