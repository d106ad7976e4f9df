import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { steadyClock } from '../../src/lib/clock.ts';
import type { Admission } from '../../src/tickets/filingAttempt.ts';
import { createFilingStore, newMarker, recordWithdrawals } from '../../src/tickets/filingStore.ts';
import { type NewTicket, TicketError } from '../../src/tickets/port.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';

/** The filing protocol on its own, with a help desk in memory. */

let filings: FilingFixture;
let before: number;
beforeAll(async () => {
  filings = await startFilingFixture();
});
afterAll(() => filings.drop());
beforeEach(() => {
  before = filings.posts();
});

test('markers are ten letters and digits and never the same', () => {
  const markers = Array.from({ length: 1_000 }, newMarker);
  expect(new Set(markers).size).toBe(1_000);
  for (const marker of markers) expect(marker).toMatch(/^AT-[0-9A-HJKMNP-TV-Z]{10}$/);
});

test('a filing that ten processes run at once posts once', async () => {
  const id = await filings.intends('alert');
  const results = await Promise.all(Array.from({ length: 10 }, () => filings.protocol().file(id, FIRST_RUN)));
  expect(filings.posts()).toBe(before + 1);
  expect(results.filter(({ outcome }) => outcome === 'filed').length).toBeGreaterThanOrEqual(1);
  expect(new Set(results.map(({ outcome }) => outcome))).toSatisfy(
    (seen: Set<string>) => !seen.has('refused') && !seen.has('failed'),
  );
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'tagged', attempts: 1 });
});

test('a filing that is run again returns the same result and posts nothing', async () => {
  const id = await filings.intends('alert');
  const first = await filings.protocol().file(id, FIRST_RUN);
  expect(await filings.protocol().file(id, FIRST_RUN)).toStrictEqual(first);
  expect(filings.posts()).toBe(before + 1);
});

test('a filing that may no longer be posted once the help desk has been looked at posts nothing', async () => {
  const id = await filings.intends('alert');
  let isOn = true;
  const admission: Admission = async () => [isOn ? null : { refused: 'flag_off' }];
  const preflight = async () => {
    isOn = false;
  };
  expect(await filings.protocol({ preflight }, admission).file(id, FIRST_RUN)).toStrictEqual({
    outcome: 'refused',
    reason: 'flag_off',
  });
  expect(filings.posts()).toBe(before);
});

test('a filing that is withdrawn during admission posts nothing', async () => {
  const id = await filings.intends('alert');
  const withdrawing: Admission = async () => {
    await recordWithdrawals(filings.pool, [id]);
    return [null];
  };
  expect(await filings.protocol({}, withdrawing).file(id, FIRST_RUN)).toStrictEqual({
    outcome: 'refused',
    reason: 'withdrawn',
  });
  expect(filings.posts()).toBe(before);
});

test('a filing that is withdrawn while another process posts it is in doubt', async () => {
  const id = await filings.intends('alert');
  const meanwhile: Admission = async () => {
    await filings
      .protocol({ create: () => Promise.reject(lostAnswer()) })
      .file(id, { ...FIRST_RUN, signal: AbortSignal.abort() })
      .catch(() => null);
    await recordWithdrawals(filings.pool, [id]);
    return [null];
  };
  expect(await filings.protocol({}, meanwhile).file(id, FIRST_RUN)).toStrictEqual({
    outcome: 'doubt',
    inherited: true,
  });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'attempting' });
});

test('a click that fails in one process while another posts it is in doubt', async () => {
  const id = await filings.intends('investigate', 14_000);
  const findOpenByTags = async () => {
    const other = filings.protocol({ create: () => Promise.reject(lostAnswer()) });
    await other.file(id, { ...FIRST_RUN, signal: AbortSignal.abort() }).catch(() => null);
    throw new TicketError('unavailable', 'no answer');
  };
  expect(await filings.protocol({ findOpenByTags }).file(id, FIRST_RUN)).toStrictEqual({
    outcome: 'doubt',
    inherited: true,
  });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'attempting' });
});

test('a process that was suspended between attempt and request does not post', async () => {
  const id = await filings.intends('alert');
  let asleepMs = 0;
  const store = createFilingStore(filings.pool);
  const protocol = filings.protocol({}, async () => [null], {
    store: {
      ...store,
      async beginAttempt(filing) {
        const begun = await store.beginAttempt(filing);
        asleepMs = 11_000;
        return begun;
      },
    },
    time: { ...steadyClock, now: () => performance.now() + asleepMs },
  });
  expect(await protocol.file(id, FIRST_RUN)).toMatchObject({ outcome: 'failed', problem: 'unavailable' });
  expect(filings.posts()).toBe(before);
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned' });
});

test('a click past its deadline posts nothing and is closed', async () => {
  const id = await filings.intends('investigate', -1);
  expect(await filings.protocol().file(id, FIRST_RUN)).toMatchObject({ outcome: 'failed' });
  expect(filings.posts()).toBe(before);
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'withdrawn', attempts: 0 });
});

test('of several tickets with the marker the oldest counts', async () => {
  const twins: number[] = [];
  const twice = async (ticket: NewTicket) => {
    twins.push(filings.stands(ticket).id, filings.stands(ticket).id);
    throw lostAnswer();
  };
  const id = await filings.intends('alert');
  expect(await filings.protocol({ create: twice }).file(id, FIRST_RUN)).toMatchObject({ ticket: { id: twins[0] } });
});

test('a lost ticket is found although a person has closed or trashed it', async () => {
  const closed = async (ticket: NewTicket) => {
    filings.stands(ticket, { status: 'gone', open: false });
    throw lostAnswer();
  };
  const id = await filings.intends('alert');
  expect(await filings.protocol({ create: closed }).file(id, FIRST_RUN)).toMatchObject({
    outcome: 'filed',
    created: true,
  });
});

test('a run after a crash does not report an adopted ticket as created', async () => {
  const id = await filings.intends('investigate', 14_000);
  filings.stands({ subject: '[AT-0000000000] DOWN: API (api)' });
  expect(await filings.protocol().file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: false });
  expect(await filings.protocol().file(id, FIRST_RUN)).toMatchObject({ outcome: 'filed', created: false });
  expect(filings.posts()).toBe(before);
});

test('a request that was certainly not sent is not in doubt', async () => {
  const refused = async () => {
    throw new TicketError('unavailable', 'refused', { code: 'ECONNREFUSED' });
  };
  const id = await filings.intends('alert');
  expect(await filings.protocol({ create: refused }).file(id, FIRST_RUN)).toStrictEqual({
    outcome: 'failed',
    problem: 'unavailable',
    own: false,
  });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned', attempts: 1 });
});
