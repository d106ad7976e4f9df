import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClock, type DatabaseClock } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createDmStore, type DmRow } from '../../src/notify/dmStore.ts';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { createNoteStore } from '../../src/tickets/noteStore.ts';
import { eventually } from '../support/eventually.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';
import { installSteppedClock } from '../support/steppedClock.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

/** The database's clock is set forward by an hour while a request is in doubt and may still take effect. */

const log = createLog({ level: 'silent' });
const HALF_AN_HOUR_MS = 1_800_000;

let filings: FilingFixture;
let clock: Awaited<ReturnType<typeof installSteppedClock>>;
let pool: Pool;
let watch: ReturnType<typeof createDatabaseClock>;
beforeAll(async () => {
  filings = await startFilingFixture();
  clock = await installSteppedClock(filings.url);
  pool = createPool(filings.url, 4, log, { connectMs: WAIT_TIMEOUT_MS });
  watch = await startWatch();
});
afterAll(async () => {
  watch.stop();
  await pool.end();
  await filings.drop();
});

/** A watch that has read the clock. */
async function startWatch() {
  const started = createDatabaseClock(pool, log);
  started.start();
  await eventually(() => expect(started.ageAtLeastMs(0)).toBeGreaterThan(0));
  return started;
}

test('a ticket that FreeScout creates late, after the step, is found and not posted again', async () => {
  const id = await filings.intends('alert');
  let requests = 0;
  const create = async () => {
    requests += 1;
    throw lostAnswer();
  };
  const processWith = (known: DatabaseClock) =>
    filings.protocol({ create }, undefined, { store: createFilingStore(pool, known) });
  const one = processWith(watch);
  expect(await one.file(id, FIRST_RUN)).toMatchObject({ outcome: 'doubt' });
  await clock.step('1 hour');
  expect(await one.settle(id, FIRST_RUN)).toHaveProperty('inMs');

  const later = await startWatch();
  expect(await processWith(later).file(id, FIRST_RUN)).toStrictEqual({ outcome: 'doubt', inherited: true });
  later.stop();

  const marker = (await createFilingStore(pool, watch).read(id))?.marker;
  filings.stands({ subject: `[${marker}] P1: Trouble` });
  expect(await one.settle(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: true });
  expect(requests).toBe(1);
});

test('a note and a message in doubt age with real time, not with the step', async () => {
  const notes = createNoteStore(pool, watch);
  const note = { id: 'note:1', ticketId: 1 };
  const ageOfNote = async () => (await notes.recordIntent(note, true)).sinceAttemptMs;
  const messages = createDmStore(pool, watch);
  const message = { id: 'dm:1', thread: 'alert:1', kind: 'opened', source: 'monitor', body: {} } as const;
  const rowOfMessage = async () => (await messages.recordIntents([message])).get(message.id) as DmRow;
  await ageOfNote();
  await messages.beginAttempt(message.id, await rowOfMessage());

  await clock.step('1 hour');
  expect(await ageOfNote()).toBeLessThan(HALF_AN_HOUR_MS);
  expect((await rowOfMessage()).sinceAttemptMs).toBeLessThan(HALF_AN_HOUR_MS);
  await eventually(async () => {
    expect(await ageOfNote()).toBeGreaterThan(1_000);
    expect((await rowOfMessage()).sinceAttemptMs).toBeGreaterThan(1_000);
  });
  expect(await ageOfNote()).toBeLessThan(HALF_AN_HOUR_MS);
});
