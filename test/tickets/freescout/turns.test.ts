import { setMaxListeners } from 'node:events';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { steadyClock } from '../../../src/lib/clock.ts';
import { createFilingBudget } from '../../../src/tickets/filingBudget.ts';
import { aDesk, aServer, failure } from './fixtures.ts';

/** The queue of calls in front of a slow FreeScout, by a clock that the test moves. */

const TICKET = { subject: '[AT-9F3C2A71QZ] DOWN: API (api-prod)', html: '<p>x</p>' };
const SLOW_MS = 5_000;
/** Of four calls at once one is kept for clicks. */
const AT_ONCE = 3;
const { signal } = new AbortController();
// As the signal of a host, which any number of effects follow.
setMaxListeners(0, signal);

let close = async () => {};
let waiting: (() => void)[] = [];
beforeAll(() => nock.restore());
afterAll(() => nock.activate());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await close();
});

/** A FreeScout that answers when the test says so. */
async function slowDesk() {
  waiting = [];
  const server = await aServer((_, response) => {
    waiting.push(() => response.writeHead(201, { 'Resource-ID': '412' }).end());
  });
  close = server.close;
  return aDesk({ baseUrl: server.baseUrl, timeoutMs: 10_000 });
}

/** Resolves when so many calls have arrived; by sockets, not by the clock. */
async function arrived(count: number): Promise<void> {
  while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
}

async function answerAll(): Promise<void> {
  await vi.advanceTimersByTimeAsync(SLOW_MS);
  for (const answer of waiting.splice(0)) answer();
}

test('tickets that wait longer than a call may take are filed, because the wait is not one of FreeScout', async () => {
  const { desk, warnings } = await slowDesk();
  const budget = createFilingBudget({ leftMs: null, path: 'alert' }, 10_000, signal, steadyClock);
  const begun: number[] = [];
  const filings = Array.from({ length: 4 * AT_ONCE }, () =>
    desk.inTurn(budget.nextCall(), (turn) => {
      begun.push(performance.now());
      return desk.create(TICKET, { ...budget.nextCall(), ...turn });
    }),
  );
  const from = performance.now();
  for (let round = 0; round < 4; round += 1) {
    await arrived(AT_ONCE);
    await answerAll();
  }
  expect((await Promise.all(filings)).map(({ id }) => id)).toEqual(filings.map(() => 412));
  expect(warnings).toEqual([]);
  // None begins before its turn: nothing that it commits waits in the queue.
  expect(begun.map((at) => (at - from) / SLOW_MS)).toEqual([0, 1, 2, 3].flatMap((round) => [round, round, round]));
});

test('a call of an operator that gets no turn in its time is unavailable, is logged, and did not begin', async () => {
  const { desk, warnings } = await slowDesk();
  const others = Array.from({ length: AT_ONCE }, () => desk.create(TICKET, { urgent: true }));
  await arrived(AT_ONCE);
  const begin = vi.fn(async () => 'begun');
  const late = failure(desk.inTurn({ urgent: true, timeoutMs: 4_000 }, begin));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await late).toMatchObject({ problem: 'unavailable', code: 'ETIMEDOUT', inDoubt: false });
  await answerAll();
  await Promise.all(others);
  expect(begin).not.toHaveBeenCalled();
  expect(warnings).toMatchObject([{ line: 'freescout degraded: ticket create failed, ConnectionError ETIMEDOUT' }]);
});

test('a wait for a turn ends with the process, and work that has its turn goes on', async () => {
  const { desk } = await slowDesk();
  const stopping = new AbortController();
  let end: () => void = () => undefined;
  const blocks = () =>
    new Promise<string>((resolve) => {
      end = () => resolve('ended');
    });
  const running = desk.inTurn({ signal: stopping.signal }, blocks);
  const others = Array.from({ length: AT_ONCE - 1 }, () => desk.create(TICKET));
  await arrived(AT_ONCE - 1);
  const waits = desk.inTurn({ signal: stopping.signal }, async () => 'never').catch((error: unknown) => error);
  stopping.abort(new Error('the process is stopping'));
  expect(await waits).toMatchObject({ message: 'the process is stopping' });
  end();
  expect(await running).toBe('ended');
  await answerAll();
  await Promise.all(others);
});
