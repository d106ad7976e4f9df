import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterEach(async () => {
  house.desk.control.faults.clear();
  await house.hurry('timer:helpdesk:%betweenTries%');
  await eventually(async () => expect(await desk()).toBe('working'));
  await house.settled();
});
afterAll(() => house.close());

/** Refused before anything is stored, so that nothing is in doubt. */
const fails = (status = 429) => house.desk.control.faults.add({ kind: 'status', status, path: '/api/' });
const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const messages = (id: string) => house.openings().filter(({ text }) => text.includes(`Trouble with ${id}`));
const desk = async () =>
  (await house.pool.query("select state from actors where id = 'helpdesk'")).rows[0]?.state ?? 'working';
const failing = () => eventually(async () => expect(await desk()).toHaveProperty('failing'));
/** Calls to the help desk since then. */
const calls = (from: number) =>
  house.desk.state.requests.slice(from).map(({ method, url }) => `${method} ${url.split('?')[0]}`);

it('while FreeScout fails there is a WARNING line and no ERROR, and the direct message goes out all the same', async () => {
  fails(503);
  await one.fire('down');
  await house.settled();
  await failing();
  expect(tickets('down')).toEqual([]);
  expect(messages('down')).toHaveLength(1);
  const about = house.lines.filter((line) =>
    /freescout degraded|ticket .* failed/.test(`${line.msg} ${line.what ?? ''}`),
  );
  expect(about).not.toEqual([]);
  expect(about.map(({ level }) => level)).toEqual(about.map(() => 'WARNING'));
  expect(about[0]).toMatchObject({ http_status: 503 });
  expect(house.lines.filter(({ level }) => level === 'ERROR')).toEqual([]);
  expect(await house.audit('console.alerts.ticket_skipped')).toContainEqual(
    expect.objectContaining({
      payload: { alert_key: 'monitor:down', severity: 'P1', reason: 'freescout_unavailable' },
    }),
  );
});

it('one filing tries again for the whole fleet, and its success releases all the others at once', async () => {
  const processes = [one, house.process()];
  fails();
  await one.fire('fleet-0');
  await failing();
  await Promise.all(Array.from({ length: 8 }, (_, n) => processes[n % 2]?.fire(`fleet-${n + 1}`)));
  await house.settled();
  const from = house.desk.state.requests.length;
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  // The three questions that one filing asks at once before it posts.
  expect(calls(from).length).toBeLessThanOrEqual(3);
  expect(tickets('fleet-')).toEqual([]);

  house.desk.control.faults.clear();
  await house.hurry('timer:helpdesk:%betweenTries%');
  await eventually(() => expect(tickets('fleet-')).toHaveLength(9));
  await house.settled();
  expect(tickets('fleet-')).toHaveLength(9);
  expect(await desk()).toBe('working');
});

it('the pause between two tries is thirty seconds', async () => {
  fails();
  await one.fire('paced');
  await house.settled();
  const due = async () =>
    (
      await house.pool.query(
        "select round(extract(epoch from due_at - now()))::int as s from timers where actor_id = 'helpdesk' order by s limit 1",
      )
    ).rows[0]?.s;
  await eventually(async () => expect(await due()).toBeGreaterThan(20));
  expect(await due()).toBeLessThanOrEqual(30);
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  await eventually(async () => expect(await due()).toBeGreaterThan(20));
});

it('an alert that resolves before FreeScout is back is never filed', async () => {
  fails();
  await one.fire('gone');
  await house.settled();
  await failing();
  await one.resolve('gone');
  await house.settled();
  house.desk.control.faults.clear();
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  await one.fire('present');
  await house.hurry('timer:helpdesk:%betweenTries%');
  await eventually(() => expect(tickets('present')).toHaveLength(1));
  await house.settled();
  expect(tickets('gone')).toEqual([]);
  expect(house.slack.state.messages.filter(({ text }) => text.includes('Resolved: Trouble with gone'))).toHaveLength(1);
});

it('a new alert after a quiet outage is tried without waiting for anybody', async () => {
  fails();
  await one.fire('first');
  await house.settled();
  await failing();
  await one.resolve('first');
  await house.settled();
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  house.desk.control.faults.clear();
  await one.fire('second');
  await house.settled();
  await eventually(() => expect(tickets('second')).toHaveLength(1));
});

it.each([
  [
    'an answer that got lost is looked up, and not posted twice',
    { kind: 'half', method: 'POST', path: '/api/conversations$', times: 1 },
  ],
  [
    'a connection cut after the ticket was made is looked up, and not posted twice',
    { kind: 'reset', when: 'after', method: 'POST', path: '/api/conversations$', times: 1 },
  ],
  [
    'an error page after the ticket was made is looked up, and not posted twice',
    { kind: 'status_after', status: 502, method: 'POST', path: '/api/conversations$', times: 1 },
  ],
] as const)('%s', async (name, fault) => {
  const id = `lost ${fault.kind}`;
  house.desk.control.faults.add(fault);
  await one.fire(id);
  await eventually(async () =>
    expect(
      (await house.audit('console.alerts.ticket_filed')).filter(
        ({ payload }) => payload.alert_key === `monitor:${id}`.slice(0, 24),
      ),
    ).toHaveLength(1),
  );
  await house.settled();
  expect(tickets(id), name).toHaveLength(1);
  expect(tickets(id)[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
});

it('a ticket that could not be tagged is audited once it is, and its tags follow by themselves', async () => {
  house.desk.control.faults.add({ kind: 'status', status: 500, method: 'PUT', path: '/tags', times: 4 });
  await one.fire('untagged');
  await eventually(() => expect(tickets('untagged')).toHaveLength(1));
  await eventually(async () => {
    await house.hurry('effect:alert:monitor:untagged:%');
    expect(tickets('untagged')[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
  });
  await house.settled();
  expect(tickets('untagged')).toHaveLength(1);
});
