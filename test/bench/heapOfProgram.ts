import type { Program } from '../support/startProgram.ts';
import { waitFor } from './waitFor.ts';

/** The memory of a process of the program after a collection of its garbage, in MiB. */
export interface Memory {
  heap: number;
  /** Buffers outside the heap. */
  external: number;
  resident: number;
}

/** Settings of a process whose heap can be measured. */
export const MEASURABLE = { NODE_OPTIONS: `--import=${new URL('preload/heap.js', import.meta.url).href}` };

const BEGINNING = 'heap ';

export async function memoryOf({ pid, lines }: Pick<Program, 'pid' | 'lines'>): Promise<Memory> {
  const from = lines.length;
  const answer = () => lines.slice(from).find((line) => line.startsWith(BEGINNING));
  process.kill(pid, 'SIGUSR2');
  await waitFor(async () => answer() !== undefined);
  return JSON.parse(answer()?.slice(BEGINNING.length) ?? '');
}
