/** A process. Its pending tasks are dropped when it ends and delayed while it sleeps. */
export interface Owner {
  alive: boolean;
  asleepUntil: number;
}

interface Task {
  at: number;
  owner: Owner | null;
  run: () => void;
  /** Whether a promise depends on it, so that promises have to settle before the next task. */
  wakes: boolean;
}

/** Virtual time with scheduled tasks. Tasks run only in {@link Clock.step}. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  in(ms: number, owner: Owner | null, run: () => void): void;
  /** Like `in`, for a task that settles a promise of `owner`. */
  wake(ms: number, owner: Owner | null, run: () => void): void;
  /**
   * Runs the next task that is due by `until`. With `skip`, a later task that is due within 500 ms overtakes that many others.
   * Resolves with false, and sets the clock to `until`, when no task is due.
   */
  step(until: number, skip?: number): Promise<boolean>;
  /** The number of tasks that have run. */
  steps(): number;
}

const START = Date.parse('2026-05-05T14:00:00.000Z');
/** How much later a task may be due that overtakes another one, as a fast call overtakes a slow one. */
const OVERTAKE_MS = 500;

export function createClock(): Clock {
  const tasks: Task[] = [];
  let now = START;
  let steps = 0;

  /** Inserts after all tasks of the same instant, so that those run in the order in which they were added. */
  function put(task: Task): void {
    let at = tasks.length;
    while (at > 0 && (tasks[at - 1] as Task).at > task.at) at -= 1;
    tasks.splice(at, 0, task);
  }

  function take(until: number, skip: number): Task | null {
    for (;;) {
      const first = tasks[0];
      if (!first || first.at > until) return null;
      const near = Math.min(until, Math.max(now, first.at) + OVERTAKE_MS);
      let at = 0;
      while (at < skip && tasks[at + 1] && (tasks[at + 1] as Task).at <= near) at += 1;
      const [task] = tasks.splice(at, 1) as [Task];
      if (task.owner?.alive === false) continue;
      if (task.owner && task.owner.asleepUntil > Math.max(now, task.at)) {
        put({ ...task, at: task.owner.asleepUntil });
        continue;
      }
      return task;
    }
  }

  return {
    now: () => now,
    steps: () => steps,
    in: (ms, owner, run) => put({ at: now + ms, owner, run, wakes: false }),
    wake: (ms, owner, run) => put({ at: now + ms, owner, run, wakes: true }),
    async step(until, skip = 0) {
      const task = take(until, skip);
      if (!task) {
        now = Math.max(now, until);
        return false;
      }
      now = Math.max(now, task.at);
      steps += 1;
      task.run();
      if (task.wakes) await settled();
      return true;
    },
  };
}

/** Resolves when all code that waits only for settled promises has run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
