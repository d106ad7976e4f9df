import type { Log } from '../log/log.ts';

/** Cleanup functions that run in reverse order; one that fails is logged and does not prevent the others. */
export interface Cleanups {
  add(name: string, undo: () => Promise<unknown> | unknown): void;
  run(): Promise<void>;
}

export function createCleanups(log: Log): Cleanups {
  const undos: { name: string; undo: () => Promise<unknown> | unknown }[] = [];
  return {
    add: (name, undo) => undos.push({ name, undo }),
    async run() {
      for (let next = undos.pop(); next; next = undos.pop()) {
        try {
          await next.undo();
        } catch (error) {
          log.warn({ err: error }, `${next.name} did not stop cleanly`);
        }
      }
    },
  };
}
