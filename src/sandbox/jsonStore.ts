import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxLog } from './httpListener.ts';

export interface Store<T> {
  /** The last saved value, or a new one on the first start. Change it in place, then call `changed`. */
  value: T;
  /** Saves the value before the response is sent: a real server does not lose a ticket when it is killed. */
  changed(): void;
}

/**
 * Stores one value in a JSON file, written to a temporary file first and renamed into place. Without a path
 * nothing is stored. A file that cannot be read is renamed, never overwritten.
 */
export function openStore<T>({ log }: { log?: SandboxLog | undefined }, path: string | null, fresh: () => T): Store<T> {
  const value = (path === null ? null : load<T>(path, log)) ?? fresh();
  return {
    value,
    changed() {
      if (path === null) return;
      try {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${process.pid}.tmp`;
        writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
        renameSync(temporary, path);
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
    log?.warn({}, 'sandbox data could not be read; the file was renamed');
    return null;
  }
}
