import { expect, it } from 'vitest';
import { Again } from '../../src/actors/effectRunner.ts';
import { withLatency } from '../../src/app/effectLatency.ts';

it('the latency of an effect counts from the moment that a machine asked for it, and only once it is done', async () => {
  const observed: [string, number][] = [];
  const results: unknown[] = [new Again(1_000), 'filed'];
  const { fileTicket } = withLatency(
    { fileTicket: { run: async () => results.shift(), patience: () => null } },
    (src, seconds) => observed.push([src, Math.floor(seconds)]),
  );
  const run = { effectId: 'e', actorId: 'a', attempt: 2, ageMs: 90_000, signal: new AbortController().signal };
  await fileTicket?.run(undefined as never, run);
  expect(observed).toEqual([]);
  expect(await fileTicket?.run(undefined as never, run)).toBe('filed');
  expect(observed).toEqual([['fileTicket', 90]]);
});
