import PQueue from 'p-queue';

export interface Lanes {
  /** Runs the work as soon as there is room; rejects with the signal's reason when it aborts before or meanwhile. */
  run<T>(urgent: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/**
 * At most `concurrency` requests at a time. Urgent ones (a person is waiting) go first, and one place is kept free of
 * the others where there are two or more, so that a click does not stand behind calls that a slow help desk holds up.
 */
export function createLanes(concurrency: number): Lanes {
  const all = new PQueue({ concurrency });
  const background = new PQueue({ concurrency: Math.max(1, concurrency - 1) });
  return {
    run: (urgent, signal, work) =>
      urgent
        ? all.add(work, { priority: 1, signal })
        : background.add(() => all.add(work, { priority: 0, signal }), { signal }),
  };
}
