import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type Environment,
  filed,
  notesOn,
  POSTS,
  type Process,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** What a ticket hears when its surface is well again. Closing it stays a person's act. */

const NOTES = { method: 'POST', path: '/threads$' };

let house: Environment;
let one: Process;
beforeAll(async () => {
  house = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '2000', FREESCOUT_IN_DOUBT_SECONDS: '5' });
  one = house.process();
});
afterAll(() => house.close());
afterEach(() => house.desk.control.faults.clear());

async function ticketFor(id: string): Promise<number> {
  await reportChecks(one, id, 'up', 'down');
  return (await filed(one.investigate(id, 'olga'))).ticket_id;
}

const dropped = async (id: string) =>
  (await house.audit('console.status.note_dropped')).filter(({ payload }) => payload.surface_id === id);
const settled = async (id: string) => {
  const { rows } = await house.pool.query(
    "select 1 from actors where id = $1 and state->>'upkeep' = 'idle' and state->>'investigation' = 'idle'",
    [`surface:${id}`],
  );
  expect(rows).toHaveLength(1);
};
const notesAfter = async (id: string, ticketId: number) => {
  await eventually(() => settled(id));
  return notesOn(house, ticketId);
};

test.each(['active', 'pending'])(
  'a recovery adds one internal note to a ticket that is %s and leaves it so',
  async (status) => {
    const id = `note-${status}`;
    const ticketId = await ticketFor(id);
    house.desk.control.act(ticketId, 'status', { status });
    await reportChecks(one, id, 'up', 'up', 'up');
    expect(await notesAfter(id, ticketId)).toStrictEqual([
      expect.stringContaining(`Surface ${id} is operational again, as of `),
    ]);
    expect(ticketsAbout(house, id)).toMatchObject([{ status, closedAt: null }]);
  },
);

test('each recovery adds one note', async () => {
  const ticketId = await ticketFor('often');
  await reportChecks(one, 'often', 'up', 'down', 'up');
  expect(await notesAfter('often', ticketId)).toHaveLength(2);
});

test('every open ticket of the surface hears of a recovery', async () => {
  const slow = await (async () => {
    await reportChecks(one, 'two', 'up', 'slow');
    return (await filed(one.investigate('two', 'olga'))).ticket_id;
  })();
  await reportChecks(one, 'two', 'down');
  const down = (await filed(one.investigate('two', 'olga'))).ticket_id;
  await reportChecks(one, 'two', 'up');
  expect(await notesAfter('two', down)).toHaveLength(1);
  expect(notesOn(house, slow)).toHaveLength(1);
});

test.each([
  ['closed', 'status', { status: 'closed' }],
  ['spam', 'status', { status: 'spam' }],
  ['trashed', 'trash', {}],
  ['moved', 'move', { mailbox: 1 }],
  ['deleted', 'delete', {}],
])(
  'the note for a ticket that is %s is dropped and audited, and the next recovery asks no more',
  async (what, action, fields) => {
    const id = `gone-${what}`;
    const ticketId = await ticketFor(id);
    house.desk.control.act(ticketId, action, fields);
    await reportChecks(one, id, 'up');
    expect(await notesAfter(id, ticketId)).toHaveLength(0);
    await reportChecks(one, id, 'down', 'up');
    expect(await notesAfter(id, ticketId)).toHaveLength(0);
    expect(await dropped(id)).toMatchObject([{ actor: 'console', payload: { surface_id: id, ticket_id: ticketId } }]);
    if (what === 'closed') expect(ticketsAbout(house, id)).toMatchObject([{ status: 'closed' }]);
  },
);

test('a note that FreeScout cannot take now is added once it can', async () => {
  const ticketId = await ticketFor('patient');
  house.desk.control.faults.add({ kind: 'status', status: 503 });
  await reportChecks(one, 'patient', 'up');
  await eventually(() => expect(house.lines.some(({ verb }) => verb === 'get')).toBe(true));
  house.desk.control.faults.clear();
  expect(await notesAfter('patient', ticketId)).toHaveLength(1);
});

test('a note whose answer got lost is not added twice', async () => {
  const ticketId = await ticketFor('lost');
  house.desk.control.faults.add({ kind: 'status_after', status: 500, times: 1, ...NOTES });
  await reportChecks(one, 'lost', 'up');
  expect(await notesAfter('lost', ticketId)).toHaveLength(1);
});

test('a note that lands after we hung up is not added twice', async () => {
  const ticketId = await ticketFor('slow');
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 4_000, times: 1, ...NOTES });
  await reportChecks(one, 'slow', 'up');
  await notesAfter('slow', ticketId);
  await eventually(() => expect(notesOn(house, ticketId)).not.toHaveLength(0));
  const unanswered = house.desk.state.requests.filter(({ method, status }) => method === 'POST' && status === null);
  expect(unanswered).toHaveLength(0);
  expect(notesOn(house, ticketId)).toHaveLength(1);
});

test('a recovery while the ticket is being filed adds one note', async () => {
  await reportChecks(one, 'quick', 'up', 'down');
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 700, times: 1, ...POSTS });
  const answer = filed(one.investigate('quick', 'olga'));
  await eventually(() => expect(house.desk.control.faults.list()).toHaveLength(0));
  await reportChecks(one, 'quick', 'up');
  expect(await notesAfter('quick', (await answer).ticket_id)).toHaveLength(1);
});

test('a recovery while a click finds the ticket that stands adds one note', async () => {
  const ticketId = await ticketFor('found');
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 700, times: 1, method: 'GET', path: `/${ticketId}$` });
  const answer = filed(one.investigate('found', 'olga'));
  await eventually(() => expect(house.desk.control.faults.list()).toHaveLength(0));
  await reportChecks(one, 'found', 'up');
  expect(await answer).toMatchObject({ ticket_id: ticketId, idempotent: true });
  expect(await notesAfter('found', ticketId)).toHaveLength(1);
});
