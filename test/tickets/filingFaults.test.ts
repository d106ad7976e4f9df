import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import { type Environment, POSTS, type Process, TAGGING } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** Whatever happens to the request of an alert's ticket: in the end there is exactly one ticket, tagged and audited once. */

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startEnvironment({
    FREESCOUT_TIMEOUT_MS: '2000',
    // Tests end the doubt themselves.
    FREESCOUT_IN_DOUBT_SECONDS: '600',
    STORM_MAX_TICKETS: '1000',
  });
  one = environment.process();
});
afterAll(() => environment.close());
afterEach(() => environment.desk.control.faults.clear());

let alerts = 0;

/** Fires one alert; the POST of its ticket fails with this fault. */
async function fires(fault: FaultSpec): Promise<string> {
  const alert_id = `alert-${String(++alerts).padStart(10, '0')}`;
  environment.desk.control.faults.add({ ...POSTS, ...fault });
  await one.aggregator.ingest('prom', [
    { alert_id, severity: 'P1', status: 'firing', title: `Trouble number ${alerts}.` },
  ]);
  return `prom:${alert_id}`;
}

const titleOf = (key: string) => `Trouble number ${Number(key.slice(-10))}.`;
const ticketsOf = (key: string) => environment.tickets().filter(({ subject }) => subject.includes(titleOf(key)));
const postsOf = (key: string) =>
  environment.desk.state.requests.filter(
    ({ method, url, body }) => method === 'POST' && url === '/api/conversations' && body.includes(titleOf(key)),
  ).length;
const audited = async (action: string, key: string) =>
  (await environment.audit(action)).filter(({ payload }) => payload.alert_key === key).map(({ payload }) => payload);

const ticketStateOf = async (key: string): Promise<unknown> =>
  (await environment.pool.query("select state->'ticket' as ticket from actors where id = $1", [`alert:${key}`])).rows[0]
    ?.ticket;

async function expectOneTicket(key: string): Promise<void> {
  await eventually(async () => expect(await audited('console.alerts.ticket_filed', key)).toHaveLength(1));
  const [ticket, ...others] = ticketsOf(key);
  expect(others).toHaveLength(0);
  // Tags that a busy machine does not set in time are set by a later request.
  await eventually(() => expect(ticketsOf(key)[0]?.tags.toSorted()).toStrictEqual(['auto:alert', 'auto:alert:prom']));
  const ticket_url = `${environment.desk.url}/conversation/${ticket?.id}`;
  expect(await audited('console.alerts.ticket_filed', key)).toStrictEqual([
    { alert_key: key, severity: 'P1', ticket_id: ticket?.id, ticket_url },
  ]);
}

/** FreeScout works again, and the actor of the help desk lets the waiting filing try. */
async function getsItsTurn(key: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await environment.pool.query(
      `select from actors alert, actors desk where alert.id = $1 and alert.state->>'ticket' = 'waiting'
       and desk.id = 'helpdesk' and desk.snapshot->'context'->'waiting' ? $1`,
      [`alert:${key}`],
    );
    expect(rows).toHaveLength(1);
  });
  environment.desk.control.faults.clear();
  await one.deliver([{ to: `alert:${key}`, event: { type: 'TRY', probe: true } }]);
}

/** A filing that succeeded makes the help desk count as working again. */
const settled = () =>
  eventually(async () => {
    const { rows } = await environment.pool.query("select 1 from actors where id = 'helpdesk' and state ? 'failing'");
    expect(rows).toHaveLength(0);
  });

test.each([
  ['500', { kind: 'status_after', status: 500 }],
  ['502', { kind: 'status_after', status: 502 }],
  ['a cut connection', { kind: 'reset', when: 'after' }],
  ['half of its answer', { kind: 'half' }],
  ['a web page', { kind: 'html200', when: 'after' }],
  ['rubbish', { kind: 'rubbish200', when: 'after' }],
  ['an answer that comes too late', { kind: 'delay', when: 'after', delay_ms: 3_000 }],
] satisfies [string, FaultSpec][])('created, and answered with %s: found, never posted again', async (_, fault) => {
  const key = await fires({ ...fault, times: 1 });
  await expectOneTicket(key);
  expect(postsOf(key)).toBe(1);
  await settled();
});

test('a ticket that is stored after the timeout is found by a later look-up and not posted again', async () => {
  const key = await fires({ kind: 'delay', delay_ms: 3_000, times: 1 });
  await expectOneTicket(key);
  expect(postsOf(key)).toBe(1);
  await settled();
});

test.each([
  ['500', { kind: 'status', status: 500 }],
  ['a cut connection', { kind: 'reset' }],
  ['a web page', { kind: 'html200' }],
  ['rubbish', { kind: 'rubbish200' }],
] satisfies [string, FaultSpec][])(
  'a ticket that was not stored and answered with %s is posted again only after the doubt',
  async (_, fault) => {
    const key = await fires(fault);
    await eventually(async () => expect(await ticketStateOf(key)).toStrictEqual({ doubtful: 'looking' }));
    await environment.hurry('effect:%:settle');
    await environment.settled();
    expect([await ticketStateOf(key), postsOf(key)]).toStrictEqual([{ doubtful: 'looking' }, 1]);
    await environment.endDoubts();
    await getsItsTurn(key);
    await expectOneTicket(key);
    expect(postsOf(key)).toBe(2);
    await settled();
  },
);

test.each([
  ['429', { kind: 'retry_after', retry_after: 1 }],
  ['a redirect', { kind: 'redirect' }],
  ['401', { kind: 'status', status: 401 }],
  ['403', { kind: 'status', status: 403 }],
  ['413', { kind: 'status', status: 413 }],
] satisfies [string, FaultSpec][])(
  'a ticket that was refused with %s is not in doubt and is filed at the next attempt',
  async (_, fault) => {
    const key = await fires(fault);
    await getsItsTurn(key);
    await expectOneTicket(key);
    expect(await audited('console.alerts.ticket_skipped', key)).toStrictEqual([
      { alert_key: key, severity: 'P1', reason: 'freescout_unavailable' },
    ]);
    expect(postsOf(key)).toBe(2);
    await settled();
  },
);

test('a ticket whose tagging keeps failing is audited once and tagged later', async () => {
  environment.desk.control.faults.add({ kind: 'status', status: 500, ...TAGGING });
  const key = await fires({ kind: 'delay', delay_ms: 1, times: 1 });
  await eventually(async () => expect(await audited('console.alerts.ticket_filed', key)).toHaveLength(1));
  expect(ticketsOf(key)[0]?.tags).toStrictEqual([]);
  environment.desk.control.faults.clear();
  await eventually(() => expect(ticketsOf(key)[0]?.tags).toHaveLength(2));
  await expectOneTicket(key);
});
