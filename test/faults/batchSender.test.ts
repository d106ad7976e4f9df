import { expect, it } from 'vitest';
import { createBatchSender } from './batchSender.ts';

it('items of about the same moment are delivered in one batch, up to the batch size', async () => {
  const deliveries: number[][] = [];
  const { put } = createBatchSender<number, void>({
    deliver: async (items) => void deliveries.push(items),
    concurrency: 1,
    batchSize: 2,
  });
  await Promise.all([put(1), put(2), put(3)]);
  expect(deliveries).toEqual([[1, 2], [3]]);
});

it('no more deliveries run at a time than the concurrency allows', async () => {
  let running = 0;
  let most = 0;
  const { put } = createBatchSender<number, void>({
    async deliver() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    },
    concurrency: 2,
    batchSize: 1,
  });
  await Promise.all([1, 2, 3, 4, 5, 6].map((item) => put(item)));
  expect(most).toBe(2);
});
