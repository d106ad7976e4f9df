import { expect, onTestFinished, test, vi } from 'vitest';
import { fairTimeout } from './fairTimeout.ts';

/** After how many ticks a second is over, when the clock shows so many milliseconds more at each of them. */
function ticksOfASecond(msPerTick: number): number {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let [clock, ticks, isOver] = [0, 0, false];
  const end = () => {
    isOver = true;
  };
  fairTimeout(1_000, end, () => clock);
  while (!isOver) {
    clock += msPerTick;
    ticks += 1;
    vi.advanceTimersByTime(100);
  }
  return ticks;
}

test('time in which a machine is too busy for its timers counts less', () => {
  expect([ticksOfASecond(100), ticksOfASecond(125), ticksOfASecond(5_000)]).toEqual([10, 8, 5]);
});
