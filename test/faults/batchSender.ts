import { setTimeout as sleep } from 'node:timers/promises';

/** Combines items of about the same moment into few requests, as senders of many alerts do. */
export interface BatchSender<Item, Result> {
  /** Resolves with the result of the delivery that contained the item. */
  put(item: Item): Promise<Result>;
}

interface Options<Item, Result> {
  deliver(items: Item[]): Promise<Result>;
  /** How many deliveries may be in progress at a time. */
  concurrency: number;
  /** How many items one delivery may have. */
  batchSize: number;
}

const GATHER_MS = 60;

export function createBatchSender<Item, Result>({
  deliver,
  concurrency,
  batchSize,
}: Options<Item, Result>): BatchSender<Item, Result> {
  const waiting: { item: Item; resolve: (result: Result) => void }[] = [];
  let running = 0;

  async function work(): Promise<void> {
    running += 1;
    while (waiting.length > 0) {
      await sleep(GATHER_MS);
      const batch = waiting.splice(0, batchSize);
      if (batch.length === 0) break;
      const result = await deliver(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve(result);
    }
    running -= 1;
  }

  return {
    put: (item) =>
      new Promise((resolve) => {
        waiting.push({ item, resolve });
        if (running < concurrency) void work();
      }),
  };
}
