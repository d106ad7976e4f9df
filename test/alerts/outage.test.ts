import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(async () => {
  environment.desk.control.faults.clear();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await eventually(async () => expect(await desk()).toBe('working'));
  await environment.settled();
});
afterAll(() => environment.close());

/** Refused before anything is stored, so that nothing is in doubt. */
const fails = (status = 429) => environment.desk.control.faults.add({ kind: 'status', status, path: '/api/' });
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const messages = (id: string) => environment.openings().filter(({ text }) => text.includes(`Trouble with ${id}`));
const desk = async () =>
  (await environment.pool.query("select state from actors where id = 'helpdesk'")).rows[0]?.state ?? 'working';
const failing = () => eventually(async () => expect(await desk()).toHaveProperty('failing'));
/** Calls to the help desk since then. */
const calls = (from: number) =>
  environment.desk.state.requests.slice(from).map(({ method, url }) => `${method} ${url.split('?')[0]}`);

it('while FreeScout fails there is a WARNING line and no ERROR, and the direct message is sent', async () => {
  // A new process, because this one may have a valid preflight and then only its POST fails, which is in doubt.
  await one.stop();
  one = environment.process();
  const before = environment.lines.length;
  fails(503);
  await one.fire('down');
  await environment.settled();
  await failing();
  expect(tickets('down')).toEqual([]);
  expect(messages('down')).toHaveLength(1);
  const about = environment.lines
    .slice(before)
    .filter((line) => /freescout degraded|ticket .* failed/.test(`${line.msg} ${line.what ?? ''}`));
  expect(about).not.toEqual([]);
  expect(about.map(({ level }) => level)).toEqual(about.map(() => 'WARNING'));
  expect(about[0]).toMatchObject({ http_status: 503 });
  expect(environment.lines.slice(before).filter(({ level }) => level === 'ERROR')).toEqual([]);
  expect(await environment.audit('console.alerts.ticket_skipped')).toContainEqual(
    expect.objectContaining({
      payload: { alert_key: 'monitor:down', severity: 'P1', reason: 'freescout_unavailable' },
    }),
  );
});

it('one filing retries for the whole fleet, and its success releases all others at once', async () => {
  const other = environment.process();
  onTestFinished(() => other.stop());
  const processes = [one, other];
  fails();
  await one.fire('fleet-0');
  await failing();
  await Promise.all(Array.from({ length: 8 }, (_, n) => processes[n % 2]?.fire(`fleet-${n + 1}`)));
  await environment.settled();
  const from = environment.desk.state.requests.length;
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  // The three requests of the preflight before a POST.
  expect(calls(from).length).toBeLessThanOrEqual(3);
  expect(tickets('fleet-')).toEqual([]);

  environment.desk.control.faults.clear();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await eventually(() => expect(tickets('fleet-')).toHaveLength(9));
  await environment.settled();
  expect(tickets('fleet-')).toHaveLength(9);
  expect(await desk()).toBe('working');
});

it('a failing help desk is retried every thirty seconds', async () => {
  fails();
  await one.fire('paced');
  await environment.settled();
  const due = async () =>
    (
      await environment.pool.query(
        `select rev, extract(epoch from due_at - at)::int as s from timers join actor_history using (actor_id, rev)
         where actor_id = 'helpdesk' and timer_id like '%betweenTries%'`,
      )
    ).rows[0];
  const first = await eventually(async () => {
    const armed = await due();
    expect(armed?.s).toBe(30);
    return armed?.rev;
  });
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await eventually(async () => {
    const again = await due();
    expect(again?.s).toBe(30);
    expect(again?.rev).toBeGreaterThan(first);
  });
});

it('an alert that resolves before FreeScout is back is never filed', async () => {
  fails();
  await one.fire('gone');
  await environment.settled();
  await failing();
  await one.resolve('gone');
  await environment.settled();
  environment.desk.control.faults.clear();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  await one.fire('present');
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await eventually(() => expect(tickets('present')).toHaveLength(1));
  await environment.settled();
  expect(tickets('gone')).toEqual([]);
  expect(
    environment.slack.state.messages.filter(({ text }) => text.includes('Resolved: Trouble with gone')),
  ).toHaveLength(1);
});

it('a new alert after an outage without waiting alerts is filed at once', async () => {
  fails();
  await one.fire('first');
  await environment.settled();
  await failing();
  await one.resolve('first');
  await environment.settled();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  environment.desk.control.faults.clear();
  await one.fire('second');
  await environment.settled();
  await eventually(() => expect(tickets('second')).toHaveLength(1));
});

it.each([
  [
    'a ticket whose answer was lost is looked up and not posted twice',
    { kind: 'half', method: 'POST', path: '/api/conversations$', times: 1 },
  ],
  [
    'a ticket whose connection was cut after the POST is looked up and not posted twice',
    { kind: 'reset', when: 'after', method: 'POST', path: '/api/conversations$', times: 1 },
  ],
  [
    'a ticket that was answered with an error page is looked up and not posted twice',
    { kind: 'status_after', status: 502, method: 'POST', path: '/api/conversations$', times: 1 },
  ],
] as const)('%s', async (name, fault) => {
  const id = `lost ${fault.kind}`;
  environment.desk.control.faults.add(fault);
  await one.fire(id);
  await eventually(async () =>
    expect(
      (await environment.audit('console.alerts.ticket_filed')).filter(
        ({ payload }) => payload.alert_key === `monitor:${id}`.slice(0, 24),
      ),
    ).toHaveLength(1),
  );
  await environment.settled();
  expect(tickets(id), name).toHaveLength(1);
  expect(tickets(id)[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
});

it('a ticket that could not be tagged gets its tags later', async () => {
  environment.desk.control.faults.add({ kind: 'status', status: 500, method: 'PUT', path: '/tags', times: 4 });
  await one.fire('untagged');
  await eventually(() => expect(tickets('untagged')).toHaveLength(1));
  await eventually(async () => {
    await environment.hurry('effect:alert:monitor:untagged:%');
    expect(tickets('untagged')[0]?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
  });
  await environment.settled();
  expect(tickets('untagged')).toHaveLength(1);
});
