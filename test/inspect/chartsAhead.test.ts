import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createChartsAhead } from '../../src/inspect/chartsAhead.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('statecharts are laid out once, after the first page that a person views', () => {
  const warm = vi.fn(async () => undefined);
  const onPage = createChartsAhead({ warm }, [], () => undefined);
  vi.advanceTimersByTime(60_000);
  expect(warm).not.toHaveBeenCalled();
  onPage();
  onPage();
  // The page itself comes first.
  expect(warm).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  onPage();
  vi.advanceTimersByTime(60_000);
  expect(warm).toHaveBeenCalledOnce();
});

test('a failure to lay them out is reported', async () => {
  const failure = new Error('no layout');
  const onError = vi.fn();
  createChartsAhead({ warm: () => Promise.reject(failure) }, [], onError)();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(onError).toHaveBeenCalledExactlyOnceWith(failure);
});
