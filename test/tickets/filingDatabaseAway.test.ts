import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { eventually } from '../support/eventually.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';
import { trustedClock } from '../support/trustedClock.ts';

let fixture: FilingFixture;
beforeAll(async () => {
  fixture = await startFilingFixture();
});
afterAll(() => fixture.drop());

/** A process whose database can go away at the moment when the id of a ticket is known. */
function processWith(changes: Parameters<FilingFixture['protocol']>[0] = {}) {
  const real = createFilingStore(fixture.pool, trustedClock);
  let away = true;
  const recordTicket = vi.fn(async (...args: Parameters<typeof real.recordTicket>) => {
    if (away) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    return real.recordTicket(...args);
  });
  const findByMarker = vi.fn(async () => [] as typeof fixture.tickets);
  const protocol = fixture.protocol({ findByMarker, ...changes }, async () => [null], {
    store: { ...real, recordTicket },
  });
  return {
    protocol,
    recordTicket,
    findByMarker,
    comesBack: () => {
      away = false;
    },
  };
}

it('a ticket whose id is known while the database is away is recorded when it is back, without a look-up', async () => {
  const { protocol, recordTicket, findByMarker, comesBack } = processWith();
  const id = await fixture.intends('alert');
  const before = fixture.posts();
  const filing = protocol.file(id, FIRST_RUN);
  await eventually(() => expect(recordTicket.mock.calls.length).toBeGreaterThan(3));
  comesBack();
  const result = await filing;
  expect(result).toMatchObject({ outcome: 'filed', created: true, tagged: true });
  expect(await fixture.rowOf(id)).toMatchObject({
    phase: 'tagged',
    attempts: 1,
    ticket_id: fixture.tickets.at(-1)?.id,
  });
  expect([fixture.posts() - before, findByMarker.mock.calls.length]).toEqual([1, 0]);
});

it('a click whose time is over is recorded all the same when the database is back', async () => {
  const { protocol, recordTicket, comesBack } = processWith();
  const id = await fixture.intends('investigate', 60_000);
  const filing = protocol.file(id, FIRST_RUN);
  await eventually(() => expect(recordTicket).toHaveBeenCalled());
  await fixture.pool.query("update filings set deadline_at = clock_timestamp() - interval '1 minute' where id = $1", [
    id,
  ]);
  comesBack();
  await filing;
  expect((await fixture.rowOf(id)).ticket_id).not.toBeNull();
});

it('the ticket of a filing that another process closed meanwhile is left to the reconciler', async () => {
  const { protocol, recordTicket, comesBack } = processWith();
  const id = await fixture.intends('alert');
  const filing = protocol.file(id, FIRST_RUN);
  await eventually(() => expect(recordTicket).toHaveBeenCalled());
  await fixture.pool.query("update filings set phase = 'withdrawn', withdrawn_at = now() where id = $1", [id]);
  comesBack();
  await filing;
  expect(await fixture.rowOf(id)).toMatchObject({ phase: 'withdrawn', ticket_id: null });
});

it('a ticket that a look-up found while the database is away is recorded when it is back', async () => {
  const { protocol, recordTicket, comesBack } = processWith({
    findByMarker: async (marker) => fixture.tickets.filter(({ subject }) => subject.includes(marker)),
    create: async (ticket) => {
      fixture.stands(ticket);
      throw lostAnswer();
    },
  });
  const id = await fixture.intends('alert');
  const filing = protocol.file(id, FIRST_RUN);
  await eventually(() => expect(recordTicket.mock.calls.length).toBeGreaterThan(1));
  comesBack();
  expect(await filing).toMatchObject({ outcome: 'filed' });
  expect(await fixture.rowOf(id)).toMatchObject({ ticket_id: fixture.tickets.at(-1)?.id });
});

it('a run that had to end before the database was back leaves the id to the next run of the process', async () => {
  const { protocol, recordTicket, findByMarker, comesBack } = processWith();
  const id = await fixture.intends('alert');
  const ending = new AbortController();
  const filing = protocol.file(id, { probe: false, signal: ending.signal });
  await eventually(() => expect(recordTicket).toHaveBeenCalled());
  ending.abort();
  await expect(filing).rejects.toThrow('ECONNREFUSED');
  comesBack();
  expect(await protocol.settle(id, FIRST_RUN)).toMatchObject({ outcome: 'filed' });
  expect(findByMarker).not.toHaveBeenCalled();
});
