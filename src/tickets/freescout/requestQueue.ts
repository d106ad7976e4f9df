import PQueue from 'p-queue';

export interface RequestQueue {
  /** Runs the work as soon as there is room; rejects with the signal's reason when it aborts before or meanwhile. */
  run<T>(rank: Priority, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** A person waits for what is urgent; what is patient has a whole minute. */
export interface Priority {
  urgent: boolean;
  patient?: boolean | undefined;
}

/**
 * At most `concurrency` requests at a time. Urgent ones (a person is waiting) go first, patient ones last, and one place is kept free of
 * the others where there are two or more, so that a click does not stand behind calls that a slow help desk holds up.
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
