import { readFile } from 'node:fs/promises';
import { CommandError } from '../lib/terminal.ts';

/** Reads a file that a person named. Throws CommandError where that cannot be done. */
export async function readNamedFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CommandError(WHY[code]?.(path) ?? `${path} cannot be read (${code}).`, { cause: error });
  }
}

const WHY: Record<string, (path: string) => string> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder, not a file.`,
  EACCES: (path) => `This user may not read ${path}.`,
};
