import { readFile } from 'node:fs/promises';
import { CommandError } from '../lib/terminal.ts';

/** Reads a file that was named on the command line. Throws CommandError if it cannot be read. */
export async function readNamedFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CommandError(READ_ERRORS[code]?.(path) ?? `${path} cannot be read (${code}).`, { cause: error });
  }
}

const READ_ERRORS: Record<string, (path: string) => string> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder, not a file.`,
  EACCES: (path) => `${path} cannot be read: permission denied.`,
};
