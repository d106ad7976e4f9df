import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasFutureAttempts, restartDoubts } from '../../src/app/restartDoubts.ts';
import { createNoteStore } from '../../src/tickets/noteStore.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { trustedClock } from '../support/trustedClock.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('a doubt from before the clock was set back begins again, so that its look-ups become rarer', async () => {
  const { pool } = database;
  const store = createNoteStore(pool, trustedClock);
  const note = { id: 'note:1', ticketId: 1 };
  await store.recordIntent(note, true);
  expect(await hasFutureAttempts(pool)).toBe(false);

  // An hour later by the clock of then, which is set back afterwards.
  await pool.query("update ticket_notes set attempted_at = clock_timestamp() + interval '1 hour'");
  expect((await store.recordIntent(note, true)).sinceAttemptMs).toBe(0);
  expect(await hasFutureAttempts(pool)).toBe(true);
  await restartDoubts(pool);
  expect(await hasFutureAttempts(pool)).toBe(false);
  expect((await store.recordIntent(note, true)).sinceAttemptMs).toBeGreaterThan(0);
});

it('an attempt that was taken back or has ended is left alone', async () => {
  const { pool } = database;
  await pool.query(
    `insert into direct_messages (id, thread, kind, body, phase, attempted_at)
     values ('dm:1', 't', 'opened', '{}', 'sent', clock_timestamp() + interval '1 hour')`,
  );
  expect(await hasFutureAttempts(pool)).toBe(false);
});
