/** A process, from its start to its end. What it waits for never comes once it is gone, and late while it sleeps. */
export interface Owner {
  alive: boolean;
  asleepUntil: number;
}

interface Task {
  at: number;
  owner: Owner | null;
  run: () => void;
  /** Whether somebody awaits this, so that promises have to settle before the next task. */
  wakes: boolean;
}

/** Virtual time: what is to happen later, each at its instant. Nothing happens by itself; {@link Clock.step} makes it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  in(ms: number, owner: Owner | null, run: () => void): void;
  /** Settles a promise of `owner` after so long. */
  wake(ms: number, owner: Owner | null, run: () => void): void;
  /**
   * Lets the next task happen that is due by `until`; `skip` lets that many others be overtaken by one that is due
   * within a moment. False, with the clock at `until`, where there is none.
   */
  step(until: number, skip?: number): Promise<boolean>;
  /** Tasks that have happened. */
  steps(): number;
}

const START = Date.parse('2026-05-05T14:00:00.000Z');
/** How much later than another task one may be due and still overtake it: so much one call may be slower than another. */
const MOMENT_MS = 500;

export function createClock(): Clock {
  const tasks: Task[] = [];
  let now = START;
  let steps = 0;

  /** After everything that is due at the same instant: what is asked first happens first. */
  function put(task: Task): void {
    let at = tasks.length;
    while (at > 0 && (tasks[at - 1] as Task).at > task.at) at -= 1;
    tasks.splice(at, 0, task);
  }

  function take(until: number, skip: number): Task | null {
    for (;;) {
      const first = tasks[0];
      if (!first || first.at > until) return null;
      const near = Math.min(until, Math.max(now, first.at) + MOMENT_MS);
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

/** Everything that only waited for promises has gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
