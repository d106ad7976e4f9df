import type { Clock, Owner } from './clock.ts';

/** Work that any process may take. A job that its process did not end is free again a moment later. */
export type Job = (worker: Worker) => Promise<void>;

export interface Worker extends Owner {
  index: number;
  /** Aborted when this process has to stop. */
  ending: AbortController;
}

const FREED_AFTER_MS = 3_000;
const AGAIN_AFTER_MS = 2_000;
const NOBODY_MS = 500;

export function createJobs(clock: Clock, workers: Worker[]) {
  const underWay = new Set<{ job: Job; worker: Worker }>();
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
      add(job, NOBODY_MS);
      return;
    }
    const run = { job, worker };
    underWay.add(run);
    job(worker).then(
      () => underWay.delete(run),
      () => {
        if (underWay.delete(run)) add(job, AGAIN_AFTER_MS);
      },
    );
  }

  return {
    add,
    /** Another process takes over what this one holds, whether it is dead or only believed to be. */
    takeOver(worker: Worker): void {
      for (const run of underWay) {
        if (run.worker !== worker) continue;
        underWay.delete(run);
        add(run.job, FREED_AFTER_MS);
      }
    },
    /** One job under way is begun a second time at once; the first run goes on. */
    double(pick: number): void {
      const runs = [...underWay];
      const run = runs[pick % Math.max(1, runs.length)];
      if (run) add(run.job, 0);
    },
  };
}
