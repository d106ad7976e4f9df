/** Virtual time: tasks run one after the other at their instants, and nothing waits. */
export interface VirtualClock {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, task: () => Promise<void>): void;
  /** Runs everything that is due by then, and sets the clock. */
  runUntil(instant: number): Promise<void>;
}

interface Task {
  at: number;
  run: () => Promise<void>;
}

export function createVirtualClock(start: number): VirtualClock {
  /** By instant; those of one instant in the order in which they were added. */
  const tasks: Task[] = [];
  let now = start;

  function after(ms: number, run: () => Promise<void>): void {
    const at = now + ms;
    let [low, high] = [0, tasks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tasks[middle] as Task).at <= at) low = middle + 1;
      else high = middle;
    }
    tasks.splice(low, 0, { at, run });
  }

  return {
    now: () => now,
    after,
    async runUntil(instant) {
      for (let next = tasks[0]; next !== undefined && next.at <= instant; next = tasks[0]) {
        tasks.shift();
        now = Math.max(now, next.at);
        await next.run();
      }
      now = Math.max(now, instant);
    },
  };
}
