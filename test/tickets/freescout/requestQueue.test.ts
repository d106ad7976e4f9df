import { expect, it } from 'vitest';
import { createRequestQueue, type Rank } from '../../../src/tickets/freescout/requestQueue.ts';

const CLICK = { urgent: true };
const FILING = { urgent: false };
const PAGE = { urgent: false, page: true };
const never = new AbortController().signal;

/** Fills the queue with requests of one rank that never end, and returns how many of them run. */
async function flooded(concurrency: number, rank: Rank) {
  const queue = createRequestQueue(concurrency);
  let running = 0;
  for (let n = 0; n < 50; n += 1) {
    void queue.run(rank, never, () => {
      running += 1;
      return new Promise(() => undefined);
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  return { running, run: (other: Rank) => queue.run(other, never, async () => 'done') };
}

it.each([
  ['pages', PAGE, 1],
  ['clicks', CLICK, 3],
  ['filing', FILING, 3],
])('a flood of %s leaves a slot for the others', async (_, rank, slots) => {
  const { running, run } = await flooded(4, rank);
  expect(running).toBe(slots);
  for (const other of [CLICK, FILING].filter((each) => each !== rank)) expect(await run(other)).toBe('done');
});

it('a flood of pages leaves a slot for filing and for clicks with a concurrency of three', async () => {
  const { run } = await flooded(3, PAGE);
  expect([await run(FILING), await run(CLICK)]).toEqual(['done', 'done']);
});
