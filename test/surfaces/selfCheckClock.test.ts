import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Message } from '../../src/actors/messages.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { createSelfCheck, type SelfCheck, syncSelfChecks } from '../../src/surfaces/selfCheck.ts';
import { parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

const DOWN: CheckResult = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'ENETUNREACH' };
const DECLARE_AFTER_MS = 10_000;
const EIGHT_HOURS = 8 * 3_600_000;

let environment: ManualEnvironment;
let clocks: { steady: number; wall: number };
let asks: number;
/** How long an ask without an answer takes. */
let askMs: number;
let sent: Message[];
let selfCheck: SelfCheck;
beforeAll(async () => {
  environment = await startManualEnvironment();
  const file = { surfaces: [], self_check: [{ url: 'https://one.example/', timeout_ms: 30_000 }] };
  await syncSelfChecks(environment.pool, parseSurfacesFile(JSON.stringify(file), 'test').selfChecks);
});
beforeEach(() => {
  clocks = { steady: 1_000, wall: Date.parse('2026-03-01T22:00:00Z') };
  asks = 0;
  askMs = 0;
  sent = [];
  selfCheck = createSelfCheck({
    pool: environment.pool,
    deliver: async (messages) => {
      sent.push(...messages);
      return [];
    },
    probe: async () => {
      asks += 1;
      pass(askMs);
      return DOWN;
    },
    signal: new AbortController().signal,
    declareAfterMs: DECLARE_AFTER_MS,
    clocks: () => ({ ...clocks }),
  });
});
afterAll(() => environment.drop());

function pass(ms: number): void {
  clocks = { steady: clocks.steady + ms, wall: clocks.wall + ms };
}

/** A failed check, then asks every 2.5 seconds until the connection counts as lost; answers how many asks it took. */
async function asksUntilLost(): Promise<number> {
  const before = asks;
  for (let n = 0; n < 20 && sent.length === 0; n++) {
    await selfCheck.refresh();
    if (sent.length === 0) pass(2_500);
  }
  expect(sent).toEqual([{ to: 'connection', event: { type: 'LOST', targets: 1 } }]);
  return asks - before;
}

it.each([
  ['both clocks went on', { steady: EIGHT_HOURS, wall: EIGHT_HOURS }],
  ['the steady clock stood still', { steady: 0, wall: EIGHT_HOURS }],
  ['the wall clock was set back', { steady: EIGHT_HOURS, wall: -3_600_000 }],
])(
  'after a sleep in which %s, a process asks three times and more before it declares itself offline',
  async (_, slept) => {
    // It fell asleep while it reached no target.
    await selfCheck.resultsCount(['down']);
    clocks = { steady: clocks.steady + slept.steady, wall: clocks.wall + slept.wall };
    expect(await asksUntilLost()).toBeGreaterThanOrEqual(3);
  },
);

it('a process that sleeps in the middle of an ask asks three times more before it declares itself offline', async () => {
  askMs = EIGHT_HOURS;
  await selfCheck.resultsCount(['down']);
  askMs = 0;
  expect(await asksUntilLost()).toBeGreaterThanOrEqual(3);
});

it('targets that let every ask run into its timeout are no sleep: the connection counts as lost', async () => {
  askMs = 30_000;
  await selfCheck.resultsCount(['down']);
  pass(2_500);
  expect(await asksUntilLost()).toBe(2);
});
