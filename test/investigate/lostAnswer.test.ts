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

/** The request for a new ticket was sent, and no usable answer came back. */

/** Longer than any test, which ends the doubt itself: a slow machine must not end it earlier. */
const IN_DOUBT_S = 600;
const LOOKS = { method: 'GET', path: 'subject=AT' };

let environment: Environment;
let one: Process;
let two: Process;
beforeAll(async () => {
  environment = await startClickEnvironment({
    FREESCOUT_TIMEOUT_MS: '2000',
    FREESCOUT_IN_DOUBT_SECONDS: String(IN_DOUBT_S),
  });
  [one, two] = [environment.process(), environment.process()];
});
afterAll(() => environment.close());
afterEach(() => environment.desk.control.faults.clear());

const breaks = (fault: FaultSpec) => environment.desk.control.faults.add(fault);
const click = (id: string) => one.investigate(id, 'olga');

/** Makes the next look-up now, if one is scheduled. */
const lookUpNow = (id: string) => environment.hurry(`effect:surface:${id}:%:settle`);

/** FreeScout stores the ticket of a request that it left without an answer. */
function storeLate(id: string): void {
  const request = environment.desk.state.requests.find(
    ({ method, url, body }) => method === 'POST' && url === '/api/conversations' && body.includes(`(${id})`),
  );
  environment.desk.control.file(JSON.parse(request?.body ?? ''));
}

/** The ticket is found by a look-up that was scheduled, and is the only one. */
async function expectFoundLater(id: string) {
  await eventually(async () => {
    await lookUpNow(id);
    expect(await auditAbout(environment, id)).toHaveLength(1);
  });
  return expectOneTicket(id);
}

async function expectOneTicket(id: string) {
  await eventually(async () => expect(await auditAbout(environment, id)).toHaveLength(1));
  const [ticket, ...others] = ticketsAbout(environment, id);
  expect(others).toHaveLength(0);
  expect(ticket?.tags.toSorted()).toStrictEqual(['auto:status', `auto:status:${id}`]);
  expect(postsAbout(environment, id)).toBe(1);
  expect(await auditAbout(environment, id)).toMatchObject([
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
  ['nothing for longer than we wait', { kind: 'hang', when: 'after' }],
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

test('a failed look-up is repeated while the operator waits', async () => {
  await reportChecks(one, 'second-look', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  breaks({ kind: 'status', status: 500, times: 1, ...LOOKS });
  expect(await filed(click('second-look'))).toMatchObject({ idempotent: false });
  await expectOneTicket('second-look');
});

test('many clicks share the ticket that was found', async () => {
  await reportChecks(one, 'crowd', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => filed((n % 2 ? one : two).investigate('crowd', 'olga'))),
  );
  expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1);
  expect(postsAbout(environment, 'crowd')).toBe(1);
});

test('a ticket that cannot be looked up is outcome_unknown until a look-up succeeds, then tagged and audited once', async () => {
  await reportChecks(one, 'blind', 'up', 'down');
  breaks({ kind: 'status_after', status: 500, ...POSTS });
  breaks({ kind: 'status', status: 500, ...LOOKS });
  expect(await refusal(click('blind'))).toMatchObject({
    surface_id: 'blind',
    status: 'DOWN',
    reason: 'outcome_unknown',
  });
  expect(await refusal(two.investigate('blind', 'sam'))).toMatchObject({ reason: 'outcome_unknown' });
  expect(await auditAbout(environment, 'blind')).toHaveLength(0);
  environment.desk.control.faults.clear();
  const ticketId = await expectFoundLater('blind');
  expect(await filed(two.investigate('blind', 'sam'))).toMatchObject({ ticket_id: ticketId, idempotent: true });
});

test('a ticket that is stored after the timeout is outcome_unknown, found later, and answered to later clicks', async () => {
  await reportChecks(one, 'late', 'up', 'down');
  breaks({ kind: 'hang', ...POSTS });
  expect(await refusal(click('late'))).toMatchObject({ reason: 'outcome_unknown' });
  environment.desk.control.faults.clear();
  expect(ticketsAbout(environment, 'late')).toHaveLength(0);
  expect(await refusal(two.investigate('late', 'sam'))).toMatchObject({ reason: 'outcome_unknown' });
  storeLate('late');
  const ticketId = await expectFoundLater('late');
  expect(await filed(click('late'))).toMatchObject({ ticket_id: ticketId, idempotent: true });
});

test('while the outcome at one status is unknown, a click at another status gets outcome_unknown too', async () => {
  await reportChecks(one, 'moving', 'up', 'slow');
  breaks({ kind: 'hang', ...POSTS });
  expect(await refusal(click('moving'))).toMatchObject({ status: 'DEGRADED', reason: 'outcome_unknown' });
  environment.desk.control.faults.clear();
  await reportChecks(one, 'moving', 'down');
  expect(await refusal(click('moving'))).toMatchObject({ status: 'DOWN', reason: 'outcome_unknown' });
  storeLate('moving');
  await expectFoundLater('moving');
  expect(await filed(click('moving'))).toMatchObject({ status: 'DOWN', idempotent: false });
});

test('a ticket that was never stored is only posted again by a click after the doubt is over', async () => {
  await reportChecks(one, 'never', 'up', 'down');
  breaks({ kind: 'hang', ...POSTS });
  expect(await refusal(click('never'))).toMatchObject({ reason: 'outcome_unknown' });
  environment.desk.control.faults.clear();
  await lookUpNow('never');
  await environment.settled();
  expect(await refusal(click('never'))).toMatchObject({ reason: 'outcome_unknown' });
  await environment.endDoubts();
  await environment.settled();
  expect(postsAbout(environment, 'never')).toBe(1);
  expect(await filed(click('never'))).toMatchObject({ idempotent: false });
  expect(ticketsAbout(environment, 'never')).toHaveLength(1);
});

test('a surface that recovers before its ticket is found gets the ticket, with a note', async () => {
  await reportChecks(one, 'healed', 'up', 'down');
  breaks({ kind: 'hang', ...POSTS });
  expect(await refusal(click('healed'))).toMatchObject({ reason: 'outcome_unknown' });
  await reportChecks(one, 'healed', 'up');
  await expect(click('healed')).rejects.toMatchObject({ code: 'not_degraded' });
  storeLate('healed');
  await expectFoundLater('healed');
  await eventually(() =>
    expect(ticketsAbout(environment, 'healed')[0]?.threads.filter(({ type }) => type === 'note')).toHaveLength(1),
  );
});
