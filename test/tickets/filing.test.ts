import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { steadyClock } from '../../src/lib/clock.ts';
import type { Admission } from '../../src/tickets/admission.ts';
import { newMarker, recordWithdrawals } from '../../src/tickets/filingIntents.ts';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { type HelpDesk, type NewTicket, TicketError } from '../../src/tickets/port.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** The filing protocol on its own, with a help desk in memory. */

/** Until the deadline of a click; longer than the program gives it, because nothing may be posted shortly before it. */
const CLICK_MS = 60_000;

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
  const outcomes = results.map((result) => ('outcome' in result ? result.outcome : 'again'));
  expect(outcomes.filter((outcome) => outcome === 'filed').length).toBeGreaterThanOrEqual(1);
  expect(new Set(outcomes)).toSatisfy((seen: Set<string>) => !seen.has('refused') && !seen.has('failed'));
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

test('the help desk is not looked at before a POST within ten seconds after a ticket was filed with its tags', async () => {
  let now = 0;
  let looks = 0;
  const preflight = async () => {
    looks += 1;
  };
  const protocol = filings.protocol({ preflight }, undefined, { time: { ...steadyClock, now: () => now } });
  const looksAfter = async (pauseMs: number) => {
    now += pauseMs;
    await protocol.file(await filings.intends('alert'), FIRST_RUN);
    return looks;
  };
  expect([await looksAfter(0), await looksAfter(8_000), await looksAfter(8_000)]).toEqual([1, 1, 1]);
  expect(await looksAfter(11_000)).toBe(2);
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
  const id = await filings.intends('investigate', CLICK_MS);
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

test('a process that was suspended between attempt and request does not post, and FreeScout did not fail', async () => {
  const id = await filings.intends('alert');
  let asleepMs = 0;
  const store = createFilingStore(filings.pool, trustedClock);
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
  expect(await protocol.file(id, FIRST_RUN)).toEqual({ inMs: expect.any(Number) });
  expect(filings.posts()).toBe(before);
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned' });
});

/**
 * A help desk at which filings get their turns when `open` is called, long after their admission, and what was asked.
 * Only that moves its clock, so that no admission expires because this machine is busy.
 */
function busyDesk(verdict: () => Awaited<ReturnType<Admission>>[number]) {
  const asked: number[] = [];
  const gates: (() => void)[] = [];
  let laterMs = 0;
  const admission: Admission = async (all) => {
    asked.push(all.length);
    return all.map(verdict);
  };
  const inTurn: HelpDesk['inTurn'] = async (_, work) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return work({ hasTurn: true });
  };
  const time = { ...steadyClock, now: () => laterMs, wall: () => laterMs };
  return {
    asked,
    file: (ids: string[]) => {
      const protocol = filings.protocol({ inTurn }, admission, { time });
      return Promise.all(ids.map((id) => protocol.file(id, FIRST_RUN)));
    },
    waiting: () => gates.length,
    open() {
      laterMs = 1_000;
      for (const gate of gates.splice(0)) gate();
    },
  };
}

test('a filing whose flag is turned off while it waits for its turn posts nothing, and no attempt begins', async () => {
  const id = await filings.intends('alert');
  let isOn = true;
  const desk = busyDesk(() => (isOn ? null : { refused: 'flag_off' }));
  const results = desk.file([id]);
  await expect.poll(desk.waiting).toBe(1);
  isOn = false;
  desk.open();
  expect(await results).toStrictEqual([{ outcome: 'refused', reason: 'flag_off' }]);
  expect(filings.posts()).toBe(before);
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'withdrawn', attempts: 0 });
});

test('filings that waited for their turns renew their admission together', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => filings.intends('alert')));
  const desk = busyDesk(() => null);
  const results = desk.file(ids);
  await expect.poll(desk.waiting).toBe(ids.length);
  desk.asked.splice(0);
  desk.open();
  expect(await results).toEqual(ids.map(() => expect.objectContaining({ outcome: 'filed' })));
  // Each was asked about once more, most of them at the same time.
  expect(desk.asked.reduce((sum, n) => sum + n, 0)).toBe(ids.length);
  expect(desk.asked.length).toBeLessThanOrEqual(4);
  expect(filings.posts()).toBe(before + ids.length);
});

test('a ticket that is found while another process posts is not adopted', async () => {
  const id = await filings.intends('investigate', CLICK_MS);
  const findOpenByTags = async () => {
    const other = filings.protocol({
      findOpenByTags: async () => [],
      async create(ticket) {
        filings.stands(ticket);
        throw lostAnswer();
      },
      findByMarker: async () => [],
    });
    await other.file(id, { ...FIRST_RUN, signal: AbortSignal.abort() }).catch(() => null);
    // It must not be open for the clicks of other tests.
    return [{ ...filings.stands({ subject: '[AT-0000000000] DOWN: API (api)' }, { open: false }), open: true }];
  };
  expect(await filings.protocol({ findOpenByTags }).file(id, FIRST_RUN)).toStrictEqual({ inMs: 1_000 });
  const posted = filings.tickets.at(-2)?.id;
  expect(await filings.protocol().file(id, FIRST_RUN)).toMatchObject({ ticket: { id: posted }, created: true });
  expect(await filings.rowOf(id)).toMatchObject({ phase: 'tagged', ticket_id: posted });
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
  const id = await filings.intends('investigate', CLICK_MS);
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
