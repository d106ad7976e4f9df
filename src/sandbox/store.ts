import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SandboxLog } from './server.ts';

export interface Store<T> {
  /** What was saved last, or a fresh one on a first start. Change it in place, then say so. */
  value: T;
  /** Asks for a save soon; many calls in a row make one write. */
  changed(): void;
  /** Writes now what is waiting. */
  flush(): Promise<void>;
}

/**
 * Keeps one value in one JSON file, written to a neighbour first and renamed into place. Without a path it
 * keeps nothing. A file that cannot be read is set aside, never overwritten.
 */
export async function openStore<T>(
  { log, delayMs = 200 }: { log?: SandboxLog | undefined; delayMs?: number },
  path: string | null,
  fresh: () => T,
): Promise<Store<T>> {
  const value = (path === null ? null : await load<T>(path, log)) ?? fresh();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  async function write(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    const neighbour = `${file}.${process.pid}.tmp`;
    await writeFile(neighbour, JSON.stringify(value), { mode: 0o600 });
    await rename(neighbour, file);
  }

  function save(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    if (path === null) return writing;
    // Writes queue up behind each other: two at once could rename an older snapshot over a newer one.
    writing = writing
      .then(() => write(path))
      .catch((error: NodeJS.ErrnoException) => log?.warn({ code: error.code }, 'sandbox data could not be saved'));
    return writing;
  }

  return {
    value,
    changed() {
      if (path === null || timer) return;
      timer = setTimeout(() => void save(), delayMs);
      timer.unref();
    },
    flush: () => (timer ? save() : writing),
  };
}

async function load<T>(path: string, log: SandboxLog | undefined): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    await rename(path, `${path}.unreadable`).catch(() => undefined);
    log?.warn({}, 'stored sandbox data could not be read and was set aside');
    return null;
  }
}
