interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Does `work` for items that arrive one by one, many at once: an item starts at once while fewer than `flights` runs are
 * under way; what arrives meanwhile goes together in the next run, at most `most` items. So nothing waits on an idle
 * system, and the runs grow with the load. If a run of several items fails, the work is done for each of them alone,
 * so that an item fails only for a reason of its own; the work must be safe to repeat.
 */
export function gather<T>(
  { flights, most }: { flights: number; most: number },
  work: (items: readonly T[]) => Promise<unknown>,
): (item: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let running = 0;

  function startRuns(): void {
    while (running < flights && waiting.length > 0) {
      running += 1;
      void run(waiting.splice(0, most)).finally(() => {
        running -= 1;
        startRuns();
      });
    }
  }

  async function run(group: readonly Waiting<T>[]): Promise<void> {
    try {
      await work(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      const [only] = group;
      if (only && group.length === 1) only.reject(error);
      else await Promise.all(group.map(({ item, resolve, reject }) => work([item]).then(resolve, reject)));
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      startRuns();
    });
}
