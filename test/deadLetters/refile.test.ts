import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/app/machineRegistry.ts';
import { createDeadLetters } from '../../src/deadLetters/deadLetters.ts';
import { type Environment, POSTS, type Process } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** A ticket that FreeScout refuses is kept, changed and filed; and nothing is filed that nobody wants any more. */

let house: Environment;
let one: Process;
let letters: ReturnType<typeof createDeadLetters>;
beforeAll(async () => {
  house = await startEnvironment({ FREESCOUT_IN_DOUBT_SECONDS: '3', STORM_MAX_TICKETS: '1000' });
  one = house.process();
  letters = createDeadLetters({ pool: house.pool, registry, deliver: one.deliver });
});
afterAll(() => house.close());
afterEach(async () => {
  house.desk.control.faults.clear();
  await house.pool.query("update effects set status = 'discarded' where status = 'dead'");
});

let alerts = 0;

/** An alert whose ticket FreeScout refuses; its letter. */
async function refused(status = 413) {
  const name = `alert-${String(++alerts).padStart(10, '0')}`;
  house.desk.control.faults.add({ ...POSTS, kind: 'status', status });
  await one.fire(name);
  const [letter] = await eventually(async () => {
    const { rows } = await letters.list({ kind: 'ticket', limit: 50 });
    const own = rows.filter(({ actor_id }) => actor_id === `alert:monitor:${name}`);
    expect(own).toHaveLength(1);
    return own;
  });
  house.desk.control.faults.clear();
  if (!letter) throw new Error('there is no letter');
  return { name, letter };
}

const ticketsOf = (name: string) =>
  house.desk.state.tickets.filter(({ threads }) => threads[0]?.body.includes(`monitor:${name}`));
const audited = async (what: string, id: string) =>
  (await house.audit(`console.dead_letters.${what}`)).filter(({ payload }) => payload.effect_id === id);

test('a refused ticket is a dead letter with its words, its reason and its try', async () => {
  const { name, letter } = await refused();
  expect(letter).toMatchObject({
    kind: 'ticket',
    reason: 'rejected',
    edited: false,
    attempts: 1,
    payload: { subject: `P1: Trouble with ${name}`, body: expect.stringContaining(`Alert key: monitor:${name}`) },
    error: { message: expect.stringContaining('(413)'), problem: 'rejected' },
    history: [{ what: 'failed', attempt: 1, error: { problem: 'rejected' }, at: expect.any(String) }],
  });
  expect(await house.audit('console.alerts.ticket_skipped')).toContainEqual({
    actor: 'monitor',
    payload: { alert_key: `monitor:${name}`, severity: 'P1', reason: 'rejected' },
  });
  expect(ticketsOf(name)).toHaveLength(0);
});

test('changed and replayed, it is filed in the new words, tagged and audited once', async () => {
  const { name, letter } = await refused();
  const words = { subject: 'P1: shorter', body: `One <line>.\n\nAlert key: monitor:${name}` };
  await expect(letters.edit(letter.id, words, 'ada')).resolves.toMatchObject({ edited: true, payload: words });
  expect(await audited('edited', letter.id)).toMatchObject([
    { actor: 'ada', payload: { changed: { subject: { from: `P1: Trouble with ${name}`, to: 'P1: shorter' } } } },
  ]);
  expect(await letters.replay(letter.id, 'ada')).toBe(true);
  const [ticket] = await eventually(() => {
    expect(ticketsOf(name)).toHaveLength(1);
    return ticketsOf(name);
  });
  expect(ticket?.subject).toMatch(/^\[AT-[0-9A-Z]{10}\] P1: shorter$/);
  expect(ticket?.threads[0]?.body).toContain('One &lt;line&gt;.');
  expect(ticket?.threads[0]?.body).toContain('Reference AT-');
  await eventually(async () => {
    const rows = await house.audit('console.alerts.ticket_filed');
    expect(rows.filter(({ payload }) => payload.alert_key === `monitor:${name}`)).toHaveLength(1);
  });
  expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
  expect(await audited('replayed', letter.id)).toHaveLength(1);
  expect(await letters.one(letter.id)).toBeNull();
  expect(await letters.replay(letter.id, 'ada')).toBe(false);
});

test('replayed as it was, it says what it would have said', async () => {
  const { name, letter } = await refused();
  await letters.replay(letter.id, 'ada');
  await eventually(() => expect(ticketsOf(name)[0]?.subject).toMatch(new RegExp(`\\] P1: Trouble with ${name}$`)));
});

test('nothing is filed for an episode that has ended, and the letter stays until it is discarded', async () => {
  const { name, letter } = await refused();
  await one.resolve(name);
  await expect(letters.replay(letter.id, 'ada')).rejects.toMatchObject({ code: 'reason_gone' });
  await one.fire(name);
  await eventually(() => expect(ticketsOf(name)).toHaveLength(1));
  await expect(letters.replay(letter.id, 'ada')).rejects.toMatchObject({ code: 'reason_gone' });
  await house.settled();
  expect(ticketsOf(name)).toHaveLength(1);
  expect(await audited('replayed', letter.id)).toHaveLength(0);
  expect(await letters.discard(letter.id, 'resolved by itself', 'ada')).toBe(true);
  expect(await audited('discarded', letter.id)).toEqual([
    { actor: 'ada', payload: { effect_id: letter.id, reason: 'resolved by itself' } },
  ]);
  expect(await letters.discard(letter.id, 'again', 'ada')).toBe(false);
});

test('refused once more, it is another letter, and the first is no longer listed', async () => {
  const { name, letter } = await refused();
  house.desk.control.faults.add({ ...POSTS, kind: 'status', status: 413 });
  await letters.replay(letter.id, 'ada');
  await eventually(async () => {
    const { rows } = await letters.list({ kind: 'ticket', limit: 50 });
    const own = rows.filter(({ actor_id }) => actor_id === `alert:monitor:${name}`);
    expect(own.map(({ id }) => id)).not.toContain(letter.id);
    expect(own).toHaveLength(1);
  });
  const skips = await house.audit('console.alerts.ticket_skipped');
  expect(skips.filter(({ payload }) => payload.alert_key === `monitor:${name}`)).toHaveLength(1);
});

test('two people who replay the same letter file one ticket', async () => {
  const { name, letter } = await refused();
  const both = await Promise.allSettled([letters.replay(letter.id, 'ada'), letters.replay(letter.id, 'bob')]);
  expect(both.filter((each) => each.status === 'fulfilled' && each.value)).toHaveLength(1);
  await eventually(() => expect(ticketsOf(name)).toHaveLength(1));
  await house.settled();
  expect(ticketsOf(name)).toHaveLength(1);
  expect(await audited('replayed', letter.id)).toHaveLength(1);
});

test('a click that FreeScout refuses is answered, and leaves no letter to replay', async () => {
  await one.check('api', 'down');
  await house.settled();
  house.desk.control.faults.add({ ...POSTS, kind: 'status', status: 413 });
  await house.surfaces({ id: 'api' });
  expect(await one.investigate('api', 'olga')).toMatchObject({ degraded: true });
  expect(
    (await letters.list({ kind: 'ticket', limit: 50 })).rows.filter(({ actor_id }) => actor_id === 'surface:api'),
  ).toEqual([]);
  await expect(letters.replay('surface:api:3:file', 'ada')).resolves.toBe(false);
});

test('many are replayed where they are as many as was said; those whose reason is gone are refused', async () => {
  const first = await refused();
  const second = await refused();
  await one.resolve(second.name);
  const filter = { kind: 'ticket', reason: 'rejected' };
  await expect(letters.replayMany(filter, 3, 'ada')).rejects.toMatchObject({ code: 'count_differs' });
  expect(await letters.replayMany(filter, 2, 'ada')).toMatchObject({
    replayed: 1,
    refused: [{ id: second.letter.id }],
  });
  await eventually(() => expect(ticketsOf(first.name)).toHaveLength(1));
});

test('a refusal that leaves in doubt whether a ticket stands becomes a letter once the doubt is over', async () => {
  const { name, letter } = await refused(422);
  expect(letter).toMatchObject({
    src: 'settleDoubt',
    reason: 'rejected',
    error: { message: expect.stringContaining('422') },
  });
  await letters.replay(letter.id, 'ada');
  // The doubt made the help desk count as failing: the ticket waits for its turn like any other.
  await eventually(async () => {
    await one.deliver([{ to: `alert:monitor:${name}`, event: { type: 'TRY', probe: true } }]);
    expect(ticketsOf(name)).toHaveLength(1);
  });
});
