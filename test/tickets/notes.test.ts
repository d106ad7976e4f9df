import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SteadyClock, steadyClock } from '../../src/lib/clock.ts';
import { createPlaces, type Places } from '../../src/lib/places.ts';
import { createNoteStore, type NoteStore } from '../../src/tickets/noteStore.ts';
import { createNotes, type Note } from '../../src/tickets/notes.ts';
import { type HelpDesk, TicketError } from '../../src/tickets/port.ts';
import { filed, notesOn, reportChecks, startClickEnvironment } from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** An internal note is written once, whatever restarts while it is being written. */

type Environment = Awaited<ReturnType<typeof startClickEnvironment>>;

let environment: Environment;
let n = 0;
beforeAll(async () => {
  environment = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '4000', FREESCOUT_IN_DOUBT_SECONDS: '9' });
});
afterAll(() => environment.close());

const { signal } = new AbortController();
const run = { mayExist: false, signal };
const aNote = (): Note => ({
  kind: 'note',
  id: `surface:api:note:${++n}`,
  ticketId: 412,
  about: { what: 'recovered', name: 'API', since: null, at: '2026-01-01T00:00:00Z' },
});

/** A help desk that keeps what it was sent, and the notes of one process on it. `post` is the answer to a note. */
function notesWith(
  post: () => Promise<void>,
  found: () => boolean = () => false,
  places: Places = createPlaces(Number.POSITIVE_INFINITY),
  own: { store?: NoteStore; time?: SteadyClock } = {},
) {
  const posted: string[] = [];
  const desk = {
    inTurn: (_options: object, work: (turn: object) => Promise<unknown>) => work({}),
    get: async () => ({ open: true, status: 'active' }),
    hasNote: async () => found(),
    addNote: async (_id: number, { marker }: { marker: string }) => {
      posted.push(marker);
      await post();
    },
  } as unknown as HelpDesk;
  const settings = { timeoutMs: 10_000, inDoubtSeconds: 120 };
  const store = createNoteStore(environment.pool, trustedClock);
  const { write } = createNotes({ store, desk, settings, onUmbrella: async () => 0, places, ...own });
  return { posted, write };
}

const passTime = (note: Note, seconds: number) =>
  environment.pool.query(
    "update ticket_notes set attempted_at = attempted_at - $2 * interval '1 second' where id = $1",
    [note.id, seconds],
  );

test('a note whose job is taken over while it is being posted is written once', async () => {
  const one = environment.process();
  await reportChecks(one, 'taken', 'up', 'down');
  const { ticket_id } = await filed(one.investigate('taken', 'olga'));
  const post = { method: 'POST', path: '/threads$' };
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 3_000, times: 1, ...post });
  await reportChecks(one, 'taken', 'up');
  await eventually(() => expect(environment.desk.control.faults.list()).toHaveLength(0));
  const two = environment.process();
  const { rowCount } = await environment.pool.query(
    `update graphile_worker._private_jobs set id = default, locked_by = null, locked_at = null, run_at = now()
     where key like 'effect:surface:taken:%'`,
  );
  expect(rowCount).toBe(1);
  await eventually(async () => {
    const { rows } = await environment.pool.query(
      "select attempts, status from effects where actor_id = 'surface:taken' and src = 'keepTicket'",
    );
    expect(rows).toMatchObject([{ status: 'done' }]);
    expect(rows[0].attempts).toBeGreaterThan(1);
  });
  await eventually(() =>
    expect(environment.desk.state.requests.filter(({ status }) => status === null)).toHaveLength(0),
  );
  expect(notesOn(environment, ticket_id)).toHaveLength(1);
  await two.stop();
  await one.stop();
});

test('a note is written while tags cannot be set, and the tags are set later', async () => {
  const one = environment.process();
  await reportChecks(one, 'untagged', 'up', 'down');
  const noTags = { kind: 'status', status: 400, method: 'PUT', path: '/tags$' } as const;
  environment.desk.control.faults.add(noTags);
  const { ticket_id } = await filed(one.investigate('untagged', 'olga'));
  await reportChecks(one, 'untagged', 'up');
  await environment.hurry('timer:surface:untagged:%');
  await eventually(() => expect(notesOn(environment, ticket_id)).toHaveLength(1));
  environment.desk.control.faults.clear();
  await environment.hurry('%:surface:untagged:%');
  const tags = () => environment.desk.state.tickets.find(({ id }) => id === ticket_id)?.tags;
  await eventually(() => expect(tags()).toContain('auto:status:untagged'));
  await one.stop();
});

test('a note whose author was deleted is retried and written once by another one', async () => {
  const one = environment.process();
  await reportChecks(one, 'authorless', 'up', 'down');
  const { ticket_id } = await filed(one.investigate('authorless', 'olga'));
  const errors = [{ path: 'user', message: 'User not found', source: 'JSON' }];
  const body = JSON.stringify({ message: 'Error occurred', _embedded: { errors } });
  environment.desk.control.faults.add({
    ...{ kind: 'status', status: 400, body, times: 1 },
    ...{ method: 'POST', path: '/threads$' },
  });
  await reportChecks(one, 'authorless', 'up');
  await eventually(() => expect(notesOn(environment, ticket_id)).toHaveLength(1));
  await eventually(async () => {
    const { rows } = await environment.pool.query(
      "select attempts, status from effects where actor_id = 'surface:authorless' and src = 'keepTicket'",
    );
    expect(rows).toEqual([{ status: 'done', attempts: 2 }]);
  });
  await one.stop();
});

test('two processes with the same note post it once, and the second one looks it up later', async () => {
  const note = aNote();
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { posted, write } = notesWith(() => answered);
  const first = write(note, run);
  await expect.poll(() => posted).toHaveLength(1);
  expect(await write(note, run)).toEqual({ inMs: expect.any(Number) });
  answer();
  expect(await first).toEqual({ outcome: 'done' });
  expect(await write(note, run)).toEqual({ outcome: 'done' });
  expect(posted).toEqual([note.id]);
});

const lost = () => Promise.reject(new TicketError('unavailable', 'no answer', { inDoubt: true }));

test('a note whose answer was lost is looked up, and posted again only after the doubt', async () => {
  const note = aNote();
  await expect(notesWith(lost).write(note, run)).rejects.toThrow('no answer');
  const { posted, write } = notesWith(async () => undefined);
  await passTime(note, 60);
  expect(await write(note, run)).toEqual({ inMs: expect.any(Number) });
  expect(posted).toHaveLength(0);
  await passTime(note, 61);
  expect(await write(note, run)).toEqual({ outcome: 'done' });
  expect(posted).toHaveLength(1);
});

test('a note that is found after its answer was lost is not posted again', async () => {
  const note = aNote();
  await expect(notesWith(lost).write(note, run)).rejects.toThrow('no answer');
  const { posted, write } = notesWith(
    async () => undefined,
    () => true,
  );
  expect(await write(note, run)).toEqual({ outcome: 'done' });
  expect(posted).toHaveLength(0);
});

test('a note that a release without rows may be posting is looked up until the doubt is over', async () => {
  const note = aNote();
  const { posted, write } = notesWith(async () => undefined);
  expect(await write(note, { ...run, mayExist: true })).toEqual({ inMs: expect.any(Number) });
  await passTime(note, 121);
  expect(await write(note, { ...run, mayExist: true })).toEqual({ outcome: 'done' });
  expect(posted).toHaveLength(1);
});

test('a process that was suspended between attempt and request does not post the note, and another one posts it at once', async () => {
  const note = aNote();
  let asleepMs = 0;
  const real = createNoteStore(environment.pool, trustedClock);
  const store: NoteStore = {
    ...real,
    async beginAttempt(row) {
      const begun = await real.beginAttempt(row);
      asleepMs = 60_000;
      return begun;
    },
  };
  // In suspend the monotonic clock stands still.
  const time = { ...steadyClock, wall: () => Date.now() + asleepMs };
  const suspended = notesWith(async () => undefined, undefined, undefined, { store, time });
  expect(await suspended.write(note, run)).toEqual({ inMs: expect.any(Number) });
  expect(suspended.posted).toEqual([]);
  const { posted, write } = notesWith(async () => undefined);
  expect(await write(note, run)).toEqual({ outcome: 'done' });
  expect(posted).toEqual([note.id]);
});

test('a note that certainly did not arrive is posted again at once', async () => {
  const note = aNote();
  const refuse = () => Promise.reject(new TicketError('unavailable', 'refused'));
  await expect(notesWith(refuse).write(note, run)).rejects.toThrow('refused');
  expect(await notesWith(async () => undefined).write(note, run)).toEqual({ outcome: 'done' });
});

test('a note that found no place, because others wait for an answer, is written later without a doubt', async () => {
  const note = aNote();
  const full: Places = { run: async () => ({ inMs: 20_000 }) };
  const crowded = notesWith(async () => undefined, undefined, full);
  expect(await crowded.write(note, run)).toEqual({ inMs: 20_000 });
  expect(crowded.posted).toHaveLength(0);
  const { posted, write } = notesWith(async () => undefined);
  expect(await write(note, { ...run, mayExist: true })).toEqual({ outcome: 'done' });
  expect(posted).toHaveLength(1);
});
