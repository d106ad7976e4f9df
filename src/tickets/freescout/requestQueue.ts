import PQueue from 'p-queue';

export interface RequestQueue {
  /** Runs the work when its turn comes; rejects with the signal's reason when that aborts before or meanwhile. */
  run<T>(priority: Priority, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** `urgent`: an operator is waiting. `patient`: background work that may wait a minute. */
export interface Priority {
  urgent: boolean;
  patient?: boolean | undefined;
}

/**
 * At most `concurrency` requests at a time. Urgent ones go first, patient ones last. With a concurrency of two or more,
 * one slot is reserved for urgent requests, so that a click does not wait behind calls to a slow help desk.
 */
export function createRequestQueue(concurrency: number): RequestQueue {
  const all = new PQueue({ concurrency });
  const background = new PQueue({ concurrency: Math.max(1, concurrency - 1) });
  return {
    run({ urgent, patient }, signal, work) {
      if (urgent) return all.add(work, { priority: 1, signal });
      const priority = patient ? -1 : 0;
      return background.add(() => all.add(work, { priority, signal }), { priority, signal });
    },
  };
}
