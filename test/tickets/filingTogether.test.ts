import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { FIRST_RUN, type FilingFixture, startFilingFixture } from '../support/filingFixture.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** What a filing does at the same time: each test ends only if neither waits for the other. */

let filings: FilingFixture;
beforeAll(async () => {
  filings = await startFilingFixture();
});
afterAll(() => filings.drop());

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

test('a click reads the last check of its surface while it looks for an open ticket', async () => {
  const id = await filings.intends('investigate');
  const store = createFilingStore(filings.pool, trustedClock);
  const read = gate();
  const lastCheck: typeof store.lastCheck = (surfaceId) => {
    read.open();
    return store.lastCheck(surfaceId);
  };
  const findOpenByTags = () => read.opened.then(() => []);
  const protocol = filings.protocol({ findOpenByTags }, undefined, { store: { ...store, lastCheck } });
  expect(await protocol.file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: true });
});

test('a filing records the tags of its ticket while it asks whether its success is awaited', async () => {
  const id = await filings.intends('alert');
  const store = createFilingStore(filings.pool, trustedClock);
  const [asked, recorded] = [gate(), gate()];
  const protocol = filings.protocol({}, undefined, {
    store: {
      ...store,
      async recordTagged(filingId) {
        await asked.opened;
        await store.recordTagged(filingId);
        recorded.open();
      },
    },
    async awaitsSuccess() {
      asked.open();
      await recorded.opened;
      return true;
    },
  });
  expect(await protocol.file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', tagged: true, whileFailing: true });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'tagged' });
});
