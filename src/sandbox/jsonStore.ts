import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxLog } from './httpListener.ts';

export interface Store<T> {
  /** What was saved last, or a fresh one on a first start. Change it in place, then say so. */
  value: T;
  /** Saves what it is now, before anybody is answered: a real help desk does not forget a ticket when it is killed. */
  changed(): void;
}

/**
 * Keeps one value in one JSON file, written to a neighbour first and renamed into place. Without a path it
 * keeps nothing. A file that cannot be read is set aside, never overwritten.
 */
export function openStore<T>({ log }: { log?: SandboxLog | undefined }, path: string | null, fresh: () => T): Store<T> {
  const value = (path === null ? null : load<T>(path, log)) ?? fresh();
  return {
    value,
    changed() {
      if (path === null) return;
      try {
        mkdirSync(dirname(path), { recursive: true });
        const neighbour = `${path}.${process.pid}.tmp`;
        writeFileSync(neighbour, JSON.stringify(value), { mode: 0o600 });
        renameSync(neighbour, path);
      } catch (error) {
        log?.warn({ code: (error as NodeJS.ErrnoException).code }, 'sandbox data could not be saved');
      }
    },
  };
}

function load<T>(path: string, log: SandboxLog | undefined): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    renameSync(path, `${path}.unreadable`);
    log?.warn({}, 'stored sandbox data could not be read and was set aside');
    return null;
  }
}
