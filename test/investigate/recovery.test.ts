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

/** Notes on tickets whose surface has recovered. Only people close tickets. */

const NOTES = { method: 'POST', path: '/threads$' };

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startClickEnvironment({
    FREESCOUT_TIMEOUT_MS: '2000',
    // Long enough for a note that a busy machine sends late and FreeScout stores after the timeout.
    FREESCOUT_IN_DOUBT_SECONDS: '15',
    // So few that fifty slow notes take longer than a click has for its answer.
    FREESCOUT_CONCURRENCY: '3',
  });
  one = environment.process();
});
afterAll(() => environment.close());
afterEach(() => environment.desk.control.faults.clear());

async function ticketFor(id: string): Promise<number> {
  await reportChecks(one, id, 'up', 'down');
  return (await filed(one.investigate(id, 'olga'))).ticket_id;
}

const dropped = async (id: string) =>
  (await environment.audit('console.status.note_dropped')).filter(({ payload }) => payload.surface_id === id);
const settled = async (id: string) => {
  const { rows } = await environment.pool.query(
    "select 1 from actors where id = $1 and state->>'upkeep' = 'idle' and state->>'investigation' = 'idle'",
    [`surface:${id}`],
  );
  expect(rows).toHaveLength(1);
};
const notesAfter = async (id: string, ticketId: number) => {
  await eventually(() => settled(id));
  return notesOn(environment, ticketId);
};

test.each(['active', 'pending'])(
  'a recovery adds one internal note to a ticket that is %s and leaves it so',
  async (status) => {
    const id = `note-${status}`;
    const ticketId = await ticketFor(id);
    environment.desk.control.act(ticketId, 'status', { status });
    await reportChecks(one, id, 'up', 'up', 'up');
    expect(await notesAfter(id, ticketId)).toStrictEqual([
      expect.stringContaining(`Surface ${id} is operational again, as of `),
    ]);
    expect(ticketsAbout(environment, id)).toMatchObject([{ status, closedAt: null }]);
  },
);

test('each recovery adds one note', async () => {
  const ticketId = await ticketFor('often');
  await reportChecks(one, 'often', 'up', 'down', 'up');
  expect(await notesAfter('often', ticketId)).toHaveLength(2);
});

test('a recovery adds a note to every open ticket of the surface', async () => {
  const slow = await (async () => {
    await reportChecks(one, 'two', 'up', 'slow');
    return (await filed(one.investigate('two', 'olga'))).ticket_id;
  })();
  await reportChecks(one, 'two', 'down');
  const down = (await filed(one.investigate('two', 'olga'))).ticket_id;
  await reportChecks(one, 'two', 'up');
  expect(await notesAfter('two', down)).toHaveLength(1);
  expect(notesOn(environment, slow)).toHaveLength(1);
});

test.each([
  ['closed', 'status', { status: 'closed' }],
  ['spam', 'status', { status: 'spam' }],
  ['trashed', 'trash', {}],
  ['moved', 'move', { mailbox: 1 }],
  ['deleted', 'delete', {}],
])(
  'the note for a ticket that is %s is dropped and audited, and the next recovery adds none',
  async (what, action, fields) => {
    const id = `gone-${what}`;
    const ticketId = await ticketFor(id);
    environment.desk.control.act(ticketId, action, fields);
    await reportChecks(one, id, 'up');
    expect(await notesAfter(id, ticketId)).toHaveLength(0);
    await reportChecks(one, id, 'down', 'up');
    expect(await notesAfter(id, ticketId)).toHaveLength(0);
    expect(await dropped(id)).toMatchObject([{ actor: 'console', payload: { surface_id: id, ticket_id: ticketId } }]);
    if (what === 'closed') expect(ticketsAbout(environment, id)).toMatchObject([{ status: 'closed' }]);
  },
);

test('a note that FreeScout rejects now is added later', async () => {
  const ticketId = await ticketFor('patient');
  environment.desk.control.faults.add({ kind: 'status', status: 503 });
  await reportChecks(one, 'patient', 'up');
  await eventually(() => expect(environment.lines.some(({ verb }) => verb === 'get')).toBe(true));
  environment.desk.control.faults.clear();
  expect(await notesAfter('patient', ticketId)).toHaveLength(1);
});

test('a note whose answer was lost is not added twice', async () => {
  const ticketId = await ticketFor('lost');
  environment.desk.control.faults.add({ kind: 'status_after', status: 500, times: 1, ...NOTES });
  await reportChecks(one, 'lost', 'up');
  expect(await notesAfter('lost', ticketId)).toHaveLength(1);
});

test('a note that is stored after the timeout is not added twice', async () => {
  const ticketId = await ticketFor('slow');
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 4_000, times: 1, ...NOTES });
  await reportChecks(one, 'slow', 'up');
  await notesAfter('slow', ticketId);
  await eventually(() => expect(notesOn(environment, ticketId)).not.toHaveLength(0));
  const unanswered = environment.desk.state.requests.filter(
    ({ method, status }) => method === 'POST' && status === null,
  );
  expect(unanswered).toHaveLength(0);
  expect(notesOn(environment, ticketId)).toHaveLength(1);
});

test('a recovery while the ticket is being filed adds one note', async () => {
  await reportChecks(one, 'quick', 'up', 'down');
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 700, times: 1, ...POSTS });
  const answer = filed(one.investigate('quick', 'olga'));
  await eventually(() => expect(environment.desk.control.faults.list()).toHaveLength(0));
  await reportChecks(one, 'quick', 'up');
  expect(await notesAfter('quick', (await answer).ticket_id)).toHaveLength(1);
});

test('a click is served before the notes of fifty surfaces that recovered at once, although FreeScout is slow', async () => {
  const ids = Array.from({ length: 50 }, (_, n) => `many-${n}`);
  const tickets: number[] = [];
  for (let n = 0; n < ids.length; n += 10) tickets.push(...(await Promise.all(ids.slice(n, n + 10).map(ticketFor))));
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 1_000, ...NOTES });
  await Promise.all(ids.map((id) => reportChecks(one, id, 'up')));
  const written = () => tickets.flatMap((id) => notesOn(environment, id)).length;
  await eventually(() => expect(written()).toBeGreaterThan(0));
  await reportChecks(one, 'clicked', 'up', 'down');
  expect(await one.investigate('clicked', 'olga')).toMatchObject({ idempotent: false, degraded: false });
  expect(written()).toBeLessThan(50);
  environment.desk.control.faults.clear();
  await eventually(() => expect(written()).toBe(50));
});

test('a recovery while a click finds an existing ticket adds one note', async () => {
  const ticketId = await ticketFor('found');
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 700, times: 1, method: 'GET', path: `/${ticketId}$` });
  const answer = filed(one.investigate('found', 'olga'));
  await eventually(() => expect(environment.desk.control.faults.list()).toHaveLength(0));
  await reportChecks(one, 'found', 'up');
  expect(await answer).toMatchObject({ ticket_id: ticketId, idempotent: true });
  expect(await notesAfter('found', ticketId)).toHaveLength(1);
});
