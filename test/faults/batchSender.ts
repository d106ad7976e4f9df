/** Gathers what is to be said at about the same moment into few requests, as senders of many alerts do. */
export interface BatchSender<Item> {
  /** Resolves once it was delivered. */
  put(item: Item): Promise<void>;
}

interface Options<Item> {
  /** Tries until it succeeds. */
  deliver(items: Item[]): Promise<void>;
  /** How many deliveries may be under way at a time. */
  atOnce: number;
  /** Of one delivery. */
  most: number;
}

const GATHER_MS = 60;

export function createBatchSender<Item>({ deliver, atOnce, most }: Options<Item>): BatchSender<Item> {
  const waiting: { item: Item; tell: () => void }[] = [];
  let underWay = 0;

  async function carry(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const letters = waiting.splice(0, most);
      if (letters.length === 0) break;
      await deliver(letters.map(({ item }) => item));
      for (const { tell } of letters) tell();
    }
    underWay -= 1;
  }

  return {
    put: (item) =>
      new Promise((tell) => {
        waiting.push({ item, tell });
        if (underWay < atOnce) void carry();
      }),
  };
}
