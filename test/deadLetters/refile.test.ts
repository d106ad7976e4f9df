import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/app/machineRegistry.ts';
import { createDeadLetters } from '../../src/deadLetters/deadLetters.ts';
import { type Environment, POSTS, type Process } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** A ticket that FreeScout refuses is kept, changed and filed; and nothing is filed that nobody wants any more. */

let environment: Environment;
let one: Process;
let deadLetters: ReturnType<typeof createDeadLetters>;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '1000' });
  one = environment.process();
  deadLetters = createDeadLetters({ pool: environment.pool, registry, deliver: one.deliver });
});
afterAll(() => environment.close());
afterEach(async () => {
  environment.desk.control.faults.clear();
  await environment.pool.query("update effects set status = 'discarded' where status = 'dead'");
});

let alerts = 0;

/** After rejections of several tickets only one that FreeScout takes closes the circuit breaker. */
const breakerCloses = async () => {
  await one.fire(`taken-${++alerts}`);
  await eventually(async () => {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    const { rows } = await environment.pool.query("select state from actors where id = 'helpdesk'");
    expect(rows[0]?.state).toBe('working');
  });
};

/** The last try of a ticket that waits, as after refusals while others were filed. An ordinary try may come first. */
const lastTry = async (name: string) => {
  const to = `alert:monitor:${name}`;
  await eventually(async () => {
    await one.deliver([{ to, event: { type: 'TRY', probe: true, last: true } }]);
    const { rows } = await environment.pool.query("select state->>'ticket' as ticket from actors where id = $1", [to]);
    expect(rows[0]?.ticket).toBe('rejected');
  });
};

/** An alert whose ticket FreeScout rejects, and its dead letter. */
async function refused(status = 413) {
  const name = `alert-${String(++alerts).padStart(10, '0')}`;
  environment.desk.control.faults.add({ ...POSTS, kind: 'status', status });
  await one.fire(name);
  await lastTry(name);
  const [deadLetter] = await eventually(async () => {
    const { rows } = await deadLetters.list({ kind: 'ticket', limit: 50 });
    const own = rows.filter(({ actor_id }) => actor_id === `alert:monitor:${name}`);
    expect(own).toHaveLength(1);
    return own;
  });
  environment.desk.control.faults.clear();
  await breakerCloses();
  if (!deadLetter) throw new Error('there is no dead letter');
  return { name, deadLetter };
}

const ticketsOf = (name: string) =>
  environment.desk.state.tickets.filter(({ threads }) => threads[0]?.body.includes(`monitor:${name}`));
const audited = async (what: string, id: string) =>
  (await environment.audit(`console.dead_letters.${what}`)).filter(({ payload }) => payload.effect_id === id);

test('a rejected ticket is a dead letter with its texts, its reason and its attempt', async () => {
  const { name, deadLetter } = await refused();
  expect(deadLetter).toMatchObject({
    kind: 'ticket',
    reason: 'rejected',
    edited: false,
    attempts: 1,
    payload: { subject: `P1: Trouble with ${name}`, body: expect.stringContaining(`Alert key: monitor:${name}`) },
    error: { message: expect.stringContaining('(413)'), problem: 'rejected' },
    history: [{ what: 'failed', attempt: 1, error: { problem: 'rejected' }, at: expect.any(String) }],
  });
  expect(await environment.audit('console.alerts.ticket_skipped')).toContainEqual({
    actor: 'monitor',
    payload: { alert_key: `monitor:${name}`, severity: 'P1', reason: 'rejected' },
  });
  expect(ticketsOf(name)).toHaveLength(0);
});

test('an edited and replayed dead letter is filed with the new texts, tagged and audited once', async () => {
  const { name, deadLetter } = await refused();
  const words = { subject: 'P1: shorter', body: `One <line>.\n\nAlert key: monitor:${name}` };
  await expect(deadLetters.edit(deadLetter.id, words, 'ada')).resolves.toMatchObject({ edited: true, payload: words });
  expect(await audited('edited', deadLetter.id)).toMatchObject([
    { actor: 'ada', payload: { changed: { subject: { from: `P1: Trouble with ${name}`, to: 'P1: shorter' } } } },
  ]);
  expect(await deadLetters.replay(deadLetter.id, 'ada')).toBe(true);
  const [ticket] = await eventually(() => {
    expect(ticketsOf(name)).toHaveLength(1);
    return ticketsOf(name);
  });
  expect(ticket?.subject).toMatch(/^\[AT-[0-9A-Z]{10}\] P1: shorter$/);
  expect(ticket?.threads[0]?.body).toContain('One &lt;line&gt;.');
  expect(ticket?.threads[0]?.body).toContain('Reference AT-');
  await eventually(async () => {
    const rows = await environment.audit('console.alerts.ticket_filed');
    expect(rows.filter(({ payload }) => payload.alert_key === `monitor:${name}`)).toHaveLength(1);
  });
  expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
  expect(await audited('replayed', deadLetter.id)).toHaveLength(1);
  expect(await deadLetters.one(deadLetter.id)).toBeNull();
  expect(await deadLetters.replay(deadLetter.id, 'ada')).toBe(false);
});

test('a dead letter that is replayed unchanged files the original texts', async () => {
  const { name, deadLetter } = await refused();
  await deadLetters.replay(deadLetter.id, 'ada');
  await eventually(() => expect(ticketsOf(name)[0]?.subject).toMatch(new RegExp(`\\] P1: Trouble with ${name}$`)));
});

test('replaying the ticket of an ended episode files nothing, and the dead letter stays until it is discarded', async () => {
  const { name, deadLetter } = await refused();
  await one.resolve(name);
  await expect(deadLetters.replay(deadLetter.id, 'ada')).rejects.toMatchObject({ code: 'reason_gone' });
  await one.fire(name);
  await eventually(() => expect(ticketsOf(name)).toHaveLength(1));
  await expect(deadLetters.replay(deadLetter.id, 'ada')).rejects.toMatchObject({ code: 'reason_gone' });
  await environment.settled();
  expect(ticketsOf(name)).toHaveLength(1);
  expect(await audited('replayed', deadLetter.id)).toHaveLength(0);
  expect(await deadLetters.discard(deadLetter.id, 'resolved by itself', 'ada')).toBe(true);
  expect(await audited('discarded', deadLetter.id)).toEqual([
    { actor: 'ada', payload: { effect_id: deadLetter.id, reason: 'resolved by itself' } },
  ]);
  expect(await deadLetters.discard(deadLetter.id, 'again', 'ada')).toBe(false);
});

test('a replayed ticket that FreeScout refuses again is another dead letter, and the first is no longer listed', async () => {
  const { name, deadLetter } = await refused();
  environment.desk.control.faults.add({ ...POSTS, kind: 'status', status: 413 });
  await deadLetters.replay(deadLetter.id, 'ada');
  await lastTry(name);
  await eventually(async () => {
    const { rows } = await deadLetters.list({ kind: 'ticket', limit: 50 });
    const own = rows.filter(({ actor_id }) => actor_id === `alert:monitor:${name}`);
    expect(own.map(({ id }) => id)).not.toContain(deadLetter.id);
    expect(own).toHaveLength(1);
  });
  const skips = await environment.audit('console.alerts.ticket_skipped');
  const own = skips.filter(({ payload }) => payload.alert_key === `monitor:${name}` && payload.reason === 'rejected');
  expect(own).toHaveLength(1);
});

test('two people who replay the same dead letter file one ticket', async () => {
  const { name, deadLetter } = await refused();
  const both = await Promise.allSettled([
    deadLetters.replay(deadLetter.id, 'ada'),
    deadLetters.replay(deadLetter.id, 'bob'),
  ]);
  expect(both.filter((each) => each.status === 'fulfilled' && each.value)).toHaveLength(1);
  await eventually(() => expect(ticketsOf(name)).toHaveLength(1));
  await environment.settled();
  expect(ticketsOf(name)).toHaveLength(1);
  expect(await audited('replayed', deadLetter.id)).toHaveLength(1);
});

test('a click that FreeScout refuses is answered, and leaves no dead letter to replay', async () => {
  await one.check('api', 'down');
  await environment.settled();
  environment.desk.control.faults.add({ ...POSTS, kind: 'status', status: 413 });
  await environment.surfaces({ id: 'api' });
  expect(await one.investigate('api', 'olga')).toMatchObject({ degraded: true });
  expect(
    (await deadLetters.list({ kind: 'ticket', limit: 50 })).rows.filter(({ actor_id }) => actor_id === 'surface:api'),
  ).toEqual([]);
  await expect(deadLetters.replay('surface:api:3:file', 'ada')).resolves.toBe(false);
});

test('many are replayed where they are as many as was said; those whose reason is gone are refused', async () => {
  const first = await refused();
  const second = await refused();
  await one.resolve(second.name);
  const filter = { kind: 'ticket', reason: 'rejected' };
  await expect(deadLetters.replayMany(filter, 3, 'ada')).rejects.toMatchObject({ code: 'count_differs' });
  expect(await deadLetters.replayMany(filter, 2, 'ada')).toMatchObject({
    replayed: 1,
    refused: [{ id: second.deadLetter.id }],
  });
  await eventually(() => expect(ticketsOf(first.name)).toHaveLength(1));
});

test('a refusal that leaves in doubt whether a ticket stands becomes a deadLetter once the doubt is over', async () => {
  const { name, deadLetter } = await refused(422);
  expect(deadLetter).toMatchObject({
    src: 'settleDoubt',
    reason: 'rejected',
    error: { message: expect.stringContaining('422') },
  });
  await deadLetters.replay(deadLetter.id, 'ada');
  // The doubt made the help desk count as failing: the ticket waits for its turn like any other.
  await eventually(async () => {
    await one.deliver([{ to: `alert:monitor:${name}`, event: { type: 'TRY', probe: true } }]);
    expect(ticketsOf(name)).toHaveLength(1);
  });
});
