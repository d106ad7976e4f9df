import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import { type Environment, POSTS, type Process, TAGGING } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** An alert's ticket through everything that can happen to one request: exactly one in the end, tagged and audited once. */

let house: Environment;
let one: Process;
beforeAll(async () => {
  house = await startEnvironment({
    FREESCOUT_TIMEOUT_MS: '2000',
    FREESCOUT_IN_DOUBT_SECONDS: '4',
    STORM_MAX_TICKETS: '1000',
  });
  one = house.process();
});
afterAll(() => house.close());
afterEach(() => house.desk.control.faults.clear());

let alerts = 0;

/** One alert, with the new ticket's request failing as told. */
async function fires(fault: FaultSpec): Promise<string> {
  const alert_id = `alert-${String(++alerts).padStart(10, '0')}`;
  house.desk.control.faults.add({ ...POSTS, ...fault });
  await one.aggregator.ingest('prom', [
    { alert_id, severity: 'P1', status: 'firing', title: `Trouble number ${alerts}.` },
  ]);
  return `prom:${alert_id}`;
}

const titleOf = (key: string) => `Trouble number ${Number(key.slice(-10))}.`;
const ticketsOf = (key: string) => house.tickets().filter(({ subject }) => subject.includes(titleOf(key)));
const postsOf = (key: string) =>
  house.desk.state.requests.filter(
    ({ method, url, body }) => method === 'POST' && url === '/api/conversations' && body.includes(titleOf(key)),
  ).length;
const audited = async (action: string, key: string) =>
  (await house.audit(action)).filter(({ payload }) => payload.alert_key === key).map(({ payload }) => payload);

async function expectOneTicket(key: string): Promise<void> {
  await eventually(async () => expect(await audited('console.alerts.ticket_filed', key)).toHaveLength(1));
  const [ticket, ...others] = ticketsOf(key);
  expect(others).toHaveLength(0);
  expect(ticket?.tags.toSorted()).toStrictEqual(['auto:alert', 'auto:alert:prom']);
  const ticket_url = `${house.desk.url}/conversation/${ticket?.id}`;
  expect(await audited('console.alerts.ticket_filed', key)).toStrictEqual([
    { alert_key: key, severity: 'P1', ticket_id: ticket?.id, ticket_url },
  ]);
}

/** FreeScout is well again, and the help desk's actor, who knows that it waits, says so to it. */
async function getsItsTurn(key: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await house.pool.query(
      `select from actors alert, actors desk where alert.id = $1 and alert.state->>'ticket' = 'waiting'
       and desk.id = 'helpdesk' and desk.snapshot->'context'->'waiting' ? $1`,
      [`alert:${key}`],
    );
    expect(rows).toHaveLength(1);
  });
  house.desk.control.faults.clear();
  await one.deliver([{ to: `alert:${key}`, event: { type: 'TRY', probe: true } }]);
}

/** A filing that got through makes the help desk count as working again. */
const settled = () =>
  eventually(async () => {
    const { rows } = await house.pool.query("select 1 from actors where id = 'helpdesk' and state ? 'failing'");
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

test('created only after we hung up: found by a later look, never posted again', async () => {
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
  'not created, and answered with %s: posted again only when the doubt is over',
  async (_, fault) => {
    const key = await fires(fault);
    await getsItsTurn(key);
    await expectOneTicket(key);
    const posts = house.desk.state.requests.filter(
      ({ method, body }) => method === 'POST' && body.includes(titleOf(key)),
    );
    expect(posts).toHaveLength(2);
    const [first, second] = posts.map(({ at }) => Date.parse(at));
    // The doubt of 4 s counts from when the first was about to leave, which is a little before it was received.
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(3_000);
    await settled();
  },
);

test.each([
  ['429', { kind: 'retry_after', retry_after: 1 }],
  ['a redirect', { kind: 'redirect' }],
  ['401', { kind: 'status', status: 401 }],
  ['403', { kind: 'status', status: 403 }],
] satisfies [string, FaultSpec][])(
  'refused with %s: nothing is in doubt, and the next turn files it',
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

test('refused as too large: not asked again, and the audit says that this ticket was rejected', async () => {
  const key = await fires({ kind: 'status', status: 413 });
  await eventually(async () =>
    expect(await audited('console.alerts.ticket_skipped', key)).toStrictEqual([
      { alert_key: key, severity: 'P1', reason: 'rejected' },
    ]),
  );
  expect(postsOf(key)).toBe(1);
});

test('tagging that goes on failing: audited once, tagged when it can be', async () => {
  house.desk.control.faults.add({ kind: 'status', status: 500, ...TAGGING });
  const key = await fires({ kind: 'delay', delay_ms: 1, times: 1 });
  await eventually(async () => expect(await audited('console.alerts.ticket_filed', key)).toHaveLength(1));
  expect(ticketsOf(key)[0]?.tags).toStrictEqual([]);
  house.desk.control.faults.clear();
  await eventually(() => expect(ticketsOf(key)[0]?.tags).toHaveLength(2));
  await expectOneTicket(key);
});
