import { expect, it } from 'vitest';
import { createBatchSender } from './batchSender.ts';

it('delivers together what is said at about the same moment, and tells each that it was', async () => {
  const deliveries: number[][] = [];
  const { put } = createBatchSender<number>({
    deliver: async (items) => void deliveries.push(items),
    atOnce: 1,
    most: 2,
  });
  await Promise.all([put(1), put(2), put(3)]);
  expect(deliveries).toEqual([[1, 2], [3]]);
});

it('carries no more than so many at a time', async () => {
  let underWay = 0;
  let most = 0;
  const { put } = createBatchSender<number>({
    async deliver() {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
    },
    atOnce: 2,
    most: 1,
  });
  await Promise.all([1, 2, 3, 4, 5, 6].map((item) => put(item)));
  expect(most).toBe(2);
});
