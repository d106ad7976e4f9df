import { expect, it } from 'vitest';
import { createRecentChanges } from '../../src/http/recentChanges.ts';

function recentChanges() {
  const clock = { ms: 0 };
  return { clock, recent: createRecentChanges(() => clock.ms) };
}

it('the changes of the last milliseconds are returned once each', () => {
  const { clock, recent } = recentChanges();
  clock.ms = 1_000;
  recent.add({ actors: ['surface:old'], flags: true });
  clock.ms = 2_000;
  recent.add({ actors: ['surface:a', 'surface:b'], flags: false });
  recent.add({ actors: ['surface:b'], flags: false });
  clock.ms = 2_500;
  expect(recent.last(600)).toEqual({ actors: ['surface:a', 'surface:b'], flags: false });
  expect(recent.last(2_000)).toMatchObject({ flags: true });
});

it('a time before the start, or before the oldest change that is kept, is not known', () => {
  const { clock, recent } = recentChanges();
  clock.ms = 10_000;
  expect(recent.last(10_001)).toBeNull();
  expect(recent.last(10_000)).toEqual({ actors: [], flags: false });
  for (let n = 0; n < 5_000; n += 1) {
    clock.ms += 1;
    recent.add({ actors: [`alert:x:${n}`], flags: false });
  }
  expect(recent.last(5_000)).toBeNull();
  expect(recent.last(1_000)?.actors).toHaveLength(1_001);
});
