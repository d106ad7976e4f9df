import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LoopLoad, startLoopLoad } from '../../src/lib/loopLoad.ts';

const WINDOW_MS = 250;
const STEP_MS = 50;

describe('by a loop whose time the test spends', () => {
  let load: LoopLoad;
  let spent = { active: 0, idle: 0 };
  beforeEach(() => {
    vi.useFakeTimers();
    spent = { active: 0, idle: 0 };
    load = startLoopLoad(0.8, { windowMs: WINDOW_MS, measure: () => ({ ...spent }) });
  });
  afterEach(() => {
    load.stop();
    vi.useRealTimers();
  });

  const beIdle = (ms: number) => spend('idle', ms);
  /** Pieces of work between which the timers of the loop run. */
  const work = (ms: number) => spend('active', ms);
  function spend(how: 'idle' | 'active', ms: number): void {
    for (let past = 0; past < ms; past += STEP_MS) {
      spent[how] += STEP_MS;
      vi.advanceTimersByTime(STEP_MS);
    }
  }
  /** One piece of work, after which no timer has run yet. */
  const block = (ms: number) => {
    spent.active += ms;
  };

  it('a loop that works is busy, however long it was idle before and nobody asked', () => {
    beIdle(60_000);
    work(2 * WINDOW_MS);
    expect(load.isBusy()).toBe(true);
  });

  it('a loop that is blocked is busy, although its timers are late', () => {
    beIdle(60_000);
    block(4 * WINDOW_MS);
    expect(load.isBusy()).toBe(true);
  });

  it('a short piece of work after an idle time is not busy', () => {
    beIdle(60_000);
    block(WINDOW_MS / 2);
    expect(load.isBusy()).toBe(false);
  });

  it('a loop is not busy any more once it was idle for two windows, however long it worked before', () => {
    work(60_000);
    expect(load.isBusy()).toBe(true);
    beIdle(2 * WINDOW_MS);
    expect(load.isBusy()).toBe(false);
  });
});

it('the event loop of this process is busy while it computes, and not while it waits', async () => {
  const load = startLoopLoad(0.8, { windowMs: 20 });
  const until = performance.now() + 400;
  while (performance.now() < until);
  expect(load.isBusy()).toBe(true);
  await expect.poll(() => load.isBusy()).toBe(false);
  load.stop();
});
