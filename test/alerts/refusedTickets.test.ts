import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type HelpDesk, TicketError } from '../../src/tickets/port.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/startProcess.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof startProcess>;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '100' });
  one = startProcess(environment.config, environment.url, environment.lines, refusesPoison);
});
afterEach(async () => {
  environment.desk.control.faults.clear();
  await eventually(async () => {
    await tryAgain();
    expect(await desk()).toBe('working');
  });
  await environment.settled();
});
afterAll(async () => {
  await one.stop();
  await environment.close();
});

/** As FreeScout answers a field that it does not accept; nothing is stored. */
const REFUSAL = JSON.stringify({
  message: 'Error occurred',
  _embedded: { errors: [{ path: 'subject', message: '`subject` parameter is required', source: 'JSON' }] },
});
const refuse = () =>
  environment.desk.control.faults.add({
    kind: 'status',
    status: 400,
    body: REFUSAL,
    method: 'POST',
    path: '/api/conversations$',
  });
let isLimited = true;
/** Refuses the tickets about some alerts, each in its own way, and takes all others. */
const refusesPoison = (helpDesk: HelpDesk): HelpDesk => ({
  ...helpDesk,
  create(ticket, options) {
    if (ticket.subject.includes('poison'))
      throw new TicketError('rejected', 'FreeScout rejects the request (400).', { httpStatus: 400 });
    if (isLimited && ticket.subject.includes('limited'))
      throw new TicketError('unavailable', 'FreeScout cannot process requests at the moment (429).', {
        httpStatus: 429,
      });
    const crash = /crashing-(\d+)/.exec(ticket.subject)?.[1];
    if (crash)
      throw new TicketError('unavailable', `FreeScout answers ${crash}.`, { httpStatus: Number(crash), inDoubt: true });
    return helpDesk.create(ticket, options);
  },
});
const desk = async () =>
  (await environment.pool.query("select state from actors where id = 'helpdesk'")).rows[0]?.state ?? 'working';
const tryAgain = () => environment.hurry('timer:helpdesk:%betweenTries%');
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const deadLetters = async (id: string) =>
  (
    await environment.pool.query(
      "select actor_id, error from effects where status = 'dead' and actor_id like $1 order by actor_id",
      [`alert:monitor:${id}%`],
    )
  ).rows;
const fileOthers = async (...ids: string[]) => {
  for (const id of ids) await one.fire(id);
  await environment.settled();
  for (const id of ids) expect(tickets(id)).toHaveLength(1);
};
/** The refusals so far happened earlier. */
const minutesPass = (minutes: number) =>
  environment.pool.query(
    `update actors set snapshot = (
       select jsonb_set(jsonb_set(snapshot, '{context,refused,0,since}', earlier), '{context,refused,0,own,since}', earlier)
       from to_jsonb(to_char((snapshot#>>'{context,refused,0,since}')::timestamptz - $1 * interval '1 minute',
         'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) earlier)
     where id = 'helpdesk' and snapshot#>'{context,refused,0}' is not null`,
    [minutes],
  );

it('a FreeScout that refuses every ticket for a while is an outage, after which all of them are filed', async () => {
  refuse();
  for (const n of [1, 2, 3, 4, 5]) await one.fire(`refused-${n}`);
  await environment.settled();
  expect(await desk()).toHaveProperty('failing');
  for (const _ of [1, 2, 3]) {
    await tryAgain();
    await environment.settled();
  }
  expect(tickets('refused-')).toEqual([]);
  expect(await deadLetters('refused-')).toEqual([]);

  environment.desk.control.faults.clear();
  await tryAgain();
  await eventually(() => expect(tickets('refused-')).toHaveLength(5));
  await environment.settled();
  expect(await deadLetters('refused-')).toEqual([]);
  expect(await desk()).toBe('working');
});

it('a ticket that FreeScout always refuses becomes a dead letter, and the others are filed at once meanwhile', async () => {
  await one.fire('poison-400');
  await environment.settled();
  expect(await desk()).toHaveProperty('failing');
  for (const n of [1, 2, 3]) {
    await fileOthers(`beside-${n}`);
    expect(await desk()).toBe('refusingSome');
    await tryAgain();
    await environment.settled();
  }
  await fileOthers('beside-4');
  expect(await deadLetters('poison')).toEqual([]);

  await minutesPass(2);
  await tryAgain();
  await eventually(async () =>
    expect(await deadLetters('poison')).toMatchObject([
      { actor_id: 'alert:monitor:poison-400', error: { problem: 'rejected' } },
    ]),
  );
  await fileOthers('beside-5');
  expect(await environment.audit('console.alerts.ticket_skipped')).toContainEqual(
    expect.objectContaining({ payload: { alert_key: 'monitor:poison-400', severity: 'P1', reason: 'rejected' } }),
  );
});

const CRASHES =
  'a ticket that is answered with %i each time becomes a dead letter, and the others are filed at once meanwhile';
it.each([500, 502, 504])(CRASHES, async (status) => {
  const crashing = `crashing-${status}`;
  const failsAgain = async () => {
    await environment.endDoubts();
    await environment.settled();
    await tryAgain();
    await environment.settled();
  };
  await one.fire(crashing);
  await environment.settled();
  await fileOthers(`near-${status}-1`);
  await minutesPass(2);
  for (const n of [2, 3]) {
    await failsAgain();
    await fileOthers(`near-${status}-${n}`);
    expect(await desk()).toBe('refusingSome');
  }
  expect(await deadLetters(crashing)).toEqual([]);

  await failsAgain();
  await environment.endDoubts();
  await eventually(async () =>
    expect(await deadLetters(crashing)).toMatchObject([
      { actor_id: `alert:monitor:${crashing}`, error: { problem: 'rejected' } },
    ]),
  );
  await fileOthers(`near-${status}-4`);
});

it('a ticket that meets a rate limit each time, while others are filed, waits and is filed once the limit is over', async () => {
  await one.fire('limited');
  await environment.settled();
  await one.fire('within-1');
  await environment.settled();
  // The breaker is open: the ticket that was not answered with an error tries first.
  await tryAgain();
  await eventually(() => expect(tickets('within-1')).toHaveLength(1));
  await environment.settled();
  for (const n of [2, 3, 4, 5]) {
    await minutesPass(2);
    await tryAgain();
    await environment.settled();
    await fileOthers(`within-${n}`);
    expect(await desk()).toBe('refusingSome');
  }
  await tryAgain();
  await environment.settled();
  expect(tickets('limited')).toEqual([]);
  expect(await deadLetters('limited')).toEqual([]);

  isLimited = false;
  await tryAgain();
  await eventually(() => expect(tickets('limited')).toHaveLength(1));
  await environment.settled();
  expect(await deadLetters('limited')).toEqual([]);
});
