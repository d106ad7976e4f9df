import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The heap of this process while inputs are sent. */

/** Megabytes in use after a full garbage collection, when so many inputs had been sent. */
export interface HeapSample {
  inputs: number;
  mib: number;
}

export function sampleHeap(inputs: number): HeapSample {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return { inputs, mib: Math.round(process.memoryUsage().heapUsed / 1024 / 102.4) / 10 };
}

/** The warm-up: caches have reached their size by then. */
const WARM_SHARE = 0.15;
const WARM_INPUTS = 10_000;

export const isWarm = (sent: number, inputs: number): boolean => sent >= Math.min(inputs * WARM_SHARE, WARM_INPUTS);

/**
 * By how many MiB the heap grows from the first sample to the last one, on the straight line through all of them (least
 * squares): one sample with unfinished work says nothing. 0 for fewer than three.
 */
export function heapGrowth(samples: readonly HeapSample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length < 3) return 0;
  const mean = (of: (sample: HeapSample) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [x, y] = [mean(({ inputs }) => inputs), mean(({ mib }) => mib)];
  const slope = mean((each) => (each.inputs - x) * (each.mib - y)) / mean((each) => (each.inputs - x) ** 2);
  return Math.round(slope * (last.inputs - first.inputs) * 10) / 10;
}
