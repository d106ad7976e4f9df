import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let processes: ReturnType<typeof house.process>[];
beforeAll(async () => {
  house = await startEnvironment({ STORM_MAX_TICKETS: '3', STORM_WINDOW_MINUTES: '10' });
  processes = [house.process(), house.process()];
});
afterAll(() => house.close());

const NAMES = Array.from({ length: 9 }, (_, n) => `storm-${n}`);
const umbrellas = () => house.tickets().filter(({ subject }) => subject.includes('STORM'));
const own = () => house.tickets().filter(({ subject }) => subject.includes('Trouble with storm-'));
const grouped = () => house.openings().filter(({ text }) => text.includes('more alert'));
const content = (messages: { text: string; blocks: unknown[] }[]) =>
  messages.map(({ text, blocks }) => text + JSON.stringify(blocks)).join('\n');
const skipped = async () =>
  (await house.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.reason === 'storm')
    .map(({ payload }) => String(payload.alert_key));
const tellsGroup = async () => {
  await house.settled();
  await house.hurry('timer:umbrella:%gathering.messages%');
  await house.hurry('timer:umbrella:monitor:%messages%');
  await house.settled();
};

it('beyond the limit further alerts of a source get no ticket of their own, through any number of processes', async () => {
  await Promise.all(NAMES.map((id, n) => processes[n % 2]?.fire(id)));
  await house.settled();
  expect(own()).toHaveLength(3);
  expect(umbrellas()).toHaveLength(1);
  expect(umbrellas()[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
});

it('each of them is audited as skipped for the storm, once', async () => {
  await Promise.all(NAMES.map((id) => processes[0]?.fire(id)));
  await house.settled();
  const filed = (await house.audit('console.alerts.ticket_filed')).map(({ payload }) => payload.alert_key);
  expect([...filed, ...(await skipped())].toSorted()).toEqual(NAMES.map((id) => `monitor:${id}`));
  expect(await skipped()).toHaveLength(6);
});

it('the umbrella ticket lists and counts every one of them', async () => {
  await house.hurry('timer:umbrella:monitor:%betweenListings%');
  await house.settled();
  const [ticket] = umbrellas();
  const said = `${ticket?.threads[0]?.body} ${house.notes(ticket?.id).join()}`;
  for (const key of await skipped()) expect(said).toContain(key);
  expect(said).toContain('6 alerts');
});

it('a direct message names every one of them within a minute, and nobody is messaged nine times', async () => {
  const { rows } = await house.pool.query(
    "select max(extract(epoch from due_at - now())) as s from timers where actor_id = 'umbrella:monitor' and timer_id like '%messages%'",
  );
  expect(Number(rows[0]?.s)).toBeLessThan(60);
  await tellsGroup();
  expect(grouped()).toHaveLength(1);
  for (const key of await skipped()) expect(content(grouped()), key).toContain(key);
  expect(house.openings().length).toBeLessThanOrEqual(3 + 1);
});

it('one that joins later is listed on the same umbrella ticket, after a restart too', async () => {
  await Promise.all(processes.map((each) => each.stop()));
  processes = [house.process()];
  await processes[0]?.fire('storm-late');
  await house.settled();
  await house.hurry('timer:umbrella:monitor:%betweenListings%');
  await eventually(() => expect(house.notes(umbrellas()[0]?.id).join()).toContain('monitor:storm-late'));
  expect(umbrellas()).toHaveLength(1);
  await tellsGroup();
  await eventually(() => expect(content(grouped())).toContain('monitor:storm-late'));
});

it('who had joined when every process was killed is on the ticket after the restart', async () => {
  await processes[0]?.stop();
  const dead = house.process();
  await dead.aggregator.ingest(
    'monitor',
    ['killed-a', 'killed-b'].map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Lost ${id}` })),
  );
  await eventually(async () => expect(await skipped()).toEqual(expect.arrayContaining(['monitor:killed-b'])));
  await dead.stop();
  processes = [house.process()];
  await house.settled();
  await house.hurry('timer:umbrella:monitor:%betweenListings%');
  await eventually(() => {
    const said = house.notes(umbrellas()[0]?.id).join();
    for (const id of ['killed-a', 'killed-b']) expect(said.split(`monitor:${id}`)).toHaveLength(2);
  });
  expect(umbrellas()).toHaveLength(1);
});

it('another source is not touched by it', async () => {
  await processes[0]?.aggregator.ingest('calm', [
    { alert_id: 'x', severity: 'P1', status: 'firing', title: 'Calm trouble' },
  ]);
  await house.settled();
  expect(house.tickets().filter(({ subject }) => subject.endsWith('Calm trouble'))).toHaveLength(1);
});

it('when nobody joined for a while its ticket is told that it is over, who is still active, and stays open', async () => {
  await processes[0]?.resolve('storm-late', 'killed-a');
  await house.settled();
  await house.hurry('timer:umbrella:monitor:%calm%');
  await eventually(() => expect(house.notes(umbrellas()[0]?.id).at(-1)).toContain('is over'));
  const stormed = (await skipped()).length;
  const note = house.notes(umbrellas()[0]?.id).at(-1);
  expect(note).toContain(`${stormed} alerts are on this ticket`);
  expect(note).toContain(`${stormed - 2} of them are still active`);
  expect(umbrellas()[0]?.status).toBe('active');
  await house.settled();
});

it('when it is over the next alert gets a ticket of its own again', async () => {
  await house.pool.query("update filings set admitted_at = admitted_at - interval '11 minutes'");
  await house.settled();
  await processes[0]?.fire('after');
  await house.settled();
  expect(house.tickets().filter(({ subject }) => subject.endsWith('Trouble with after'))).toHaveLength(1);
  expect(umbrellas()).toHaveLength(1);
});
