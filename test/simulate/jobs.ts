import type { Clock, Owner } from './clock.ts';

/** A job for any process. When its process does not finish it, another one takes it a moment later. */
export type Job = (worker: Worker) => Promise<void>;

export interface Worker extends Owner {
  index: number;
  /** Aborted when this process has to stop. */
  ending: AbortController;
}

const FREED_AFTER_MS = 3_000;
const RETRY_AFTER_MS = 2_000;
const NO_WORKER_MS = 500;

export function createJobs(clock: Clock, workers: Worker[]) {
  const running = new Set<{ job: Job; worker: Worker }>();
  let turn = 0;

  function nextWorker(): Worker | undefined {
    for (let n = 0; n < workers.length; n++) {
      turn = (turn + 1) % workers.length;
      const worker = workers[turn];
      if (worker && worker.asleepUntil <= clock.now() && !worker.ending.signal.aborted) return worker;
    }
    return undefined;
  }

  function add(job: Job, inMs: number): void {
    clock.wake(inMs, null, () => start(job));
  }

  function start(job: Job): void {
    const worker = nextWorker();
    if (!worker) {
      add(job, NO_WORKER_MS);
      return;
    }
    const run = { job, worker };
    running.add(run);
    job(worker).then(
      () => running.delete(run),
      () => {
        if (running.delete(run)) add(job, RETRY_AFTER_MS);
      },
    );
  }

  return {
    add,
    /** Other processes take over the jobs of this one, which is dead or only believed to be. */
    takeOver(worker: Worker): void {
      for (const run of running) {
        if (run.worker !== worker) continue;
        running.delete(run);
        add(run.job, FREED_AFTER_MS);
      }
    },
    /** Starts a running job a second time; the first run continues. */
    double(pick: number): void {
      const runs = [...running];
      const run = runs[pick % Math.max(1, runs.length)];
      if (run) add(run.job, 0);
    },
  };
}
