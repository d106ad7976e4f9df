import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import {
  auditAbout,
  type Environment,
  filed,
  POSTS,
  type Process,
  postsAbout,
  refusal,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** The new ticket was asked for, and no usable answer came back. */

const IN_DOUBT_S = 12;
const LOOKS = { method: 'GET', path: 'subject=AT' };

let house: Environment;
let one: Process;
let two: Process;
beforeAll(async () => {
  house = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '2000', FREESCOUT_IN_DOUBT_SECONDS: String(IN_DOUBT_S) });
  [one, two] = [house.process(), house.process()];
});
afterAll(() => house.close());
afterEach(() => house.desk.control.faults.clear());

const breaks = (fault: FaultSpec) => house.desk.control.faults.add(fault);
const click = (id: string) => one.investigate(id, 'olga');

async function expectOneTicket(id: string) {
  await eventually(async () => expect(await auditAbout(house, id)).toHaveLength(1));
  const [ticket, ...others] = ticketsAbout(house, id);
  expect(others).toHaveLength(0);
  expect(ticket?.tags.toSorted()).toStrictEqual(['auto:status', `auto:status:${id}`]);
  expect(postsAbout(house, id)).toBe(1);
  expect(await auditAbout(house, id)).toMatchObject([
    { actor: 'olga', payload: { ticket_id: ticket?.id, idempotent: false } },
  ]);
  return ticket?.id;
}

test.each([
  ['500', { kind: 'status_after', status: 500 }],
  ['504', { kind: 'status_after', status: 504 }],
  ['404', { kind: 'status_after', status: 404, body: '{"message":"Not Found","_embedded":{"errors":[]}}' }],
  ['a cut connection', { kind: 'reset', when: 'after' }],
  ['half of its answer', { kind: 'half' }],
  ['JSON that ends too early', { kind: 'bad_json', when: 'after' }],
  ['a web page', { kind: 'html200', when: 'after' }],
  ['JSON of another shape', { kind: 'rubbish200', when: 'after' }],
  ['an answer without end', { kind: 'huge', when: 'after', bytes: 30_000_000 }],
  ['nothing for longer than we wait', { kind: 'delay', when: 'after', delay_ms: 3_000 }],
] satisfies [string, FaultSpec][])(
  'a ticket that was created and answered with %s is found at once',
  async (what, fault) => {
    const id = `lost-${what.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
    await reportChecks(one, id, 'up', 'down');
    breaks({ ...fault, ...POSTS, times: 1 });
    expect(await filed(click(id))).toMatchObject({ idempotent: false, degraded: false });
    await expectOneTicket(id);
  },
);

test('a first look that fails is followed by a second while the operator waits', async () => {
  await reportChecks(one, 'second-look', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  breaks({ kind: 'status', status: 500, times: 1, ...LOOKS });
  expect(await filed(click('second-look'))).toMatchObject({ idempotent: false });
  await expectOneTicket('second-look');
});

test('all of many clicks share the ticket that was found', async () => {
  await reportChecks(one, 'crowd', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => filed((n % 2 ? one : two).investigate('crowd', 'olga'))),
  );
  expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1);
  expect(postsAbout(house, 'crowd')).toBe(1);
});

test('a ticket that nobody can look for is outcome_unknown until a look succeeds, then tagged and audited once', async () => {
  await reportChecks(one, 'blind', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  breaks({ kind: 'status', status: 500, ...LOOKS });
  expect(await refusal(click('blind'))).toMatchObject({
    surface_id: 'blind',
    status: 'DOWN',
    reason: 'outcome_unknown',
  });
  expect(await refusal(two.investigate('blind', 'sam'))).toMatchObject({ reason: 'outcome_unknown' });
  expect(await auditAbout(house, 'blind')).toHaveLength(0);
  house.desk.control.faults.clear();
  const ticketId = await expectOneTicket('blind');
  expect(await filed(two.investigate('blind', 'sam'))).toMatchObject({ ticket_id: ticketId, idempotent: true });
});

test('a ticket that lands after we hung up is outcome_unknown, found later, and answered to later clicks', async () => {
  await reportChecks(one, 'late', 'up', 'down');
  breaks({ kind: 'delay', delay_ms: 9_000, ...POSTS });
  expect(await refusal(click('late'))).toMatchObject({ reason: 'outcome_unknown' });
  house.desk.control.faults.clear();
  expect(ticketsAbout(house, 'late')).toHaveLength(0);
  expect(await refusal(two.investigate('late', 'sam'))).toMatchObject({ reason: 'outcome_unknown' });
  const ticketId = await expectOneTicket('late');
  expect(await filed(click('late'))).toMatchObject({ ticket_id: ticketId, idempotent: true });
});

test('while the outcome at one status is unknown, a click at another is told so as well', async () => {
  await reportChecks(one, 'moving', 'up', 'slow');
  breaks({ kind: 'delay', delay_ms: 9_000, ...POSTS });
  expect(await refusal(click('moving'))).toMatchObject({ status: 'DEGRADED', reason: 'outcome_unknown' });
  house.desk.control.faults.clear();
  await reportChecks(one, 'moving', 'down');
  expect(await refusal(click('moving'))).toMatchObject({ status: 'DOWN', reason: 'outcome_unknown' });
  await expectOneTicket('moving');
  expect(await filed(click('moving'))).toMatchObject({ status: 'DOWN', idempotent: false });
});

test('a ticket that never came is not posted again by itself; the next click after the doubt files it', async () => {
  await reportChecks(one, 'never', 'up', 'down');
  breaks({ kind: 'hang', ...POSTS });
  expect(await refusal(click('never'))).toMatchObject({ reason: 'outcome_unknown' });
  house.desk.control.faults.clear();
  await eventually(async () => {
    const { rows } = await house.pool.query("select phase from filings where actor_id = 'surface:never'");
    expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
  });
  expect(postsAbout(house, 'never')).toBe(1);
  expect(await filed(click('never'))).toMatchObject({ idempotent: false });
  expect(ticketsAbout(house, 'never')).toHaveLength(1);
});

test('a surface that is well again before the ticket is found gets it all the same, with a note', async () => {
  await reportChecks(one, 'healed', 'up', 'down');
  breaks({ kind: 'delay', delay_ms: 9_000, ...POSTS });
  expect(await refusal(click('healed'))).toMatchObject({ reason: 'outcome_unknown' });
  await reportChecks(one, 'healed', 'up');
  await expect(click('healed')).rejects.toMatchObject({ code: 'not_degraded' });
  await expectOneTicket('healed');
  await eventually(() =>
    expect(ticketsAbout(house, 'healed')[0]?.threads.filter(({ type }) => type === 'note')).toHaveLength(1),
  );
});
