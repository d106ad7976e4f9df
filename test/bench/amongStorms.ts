import type { Storms } from './storms.ts';
import { waitFor } from './waitFor.ts';

interface Calls {
  /** The durations in milliseconds of the calls that count. */
  ms: number[];
  /** How many do not count. */
  others: number;
}

/**
 * Makes one call after the other until `wanted` of them count: those before and after which the same storm had undecided
 * alerts, so that it lasted all the time. Throws if that takes more than `most` calls.
 */
export async function callsAmongStorms(
  storms: Pick<Storms, 'underWay'>,
  { wanted, most }: { wanted: number; most: number },
  call: () => Promise<unknown>,
): Promise<Calls> {
  const ms: number[] = [];
  let others = 0;
  while (ms.length < wanted && ms.length + others < most) {
    let before: ReadonlySet<string> = new Set();
    await waitFor(async () => {
      before = await storms.underWay();
      return before.size > 0;
    });
    const from = performance.now();
    await call();
    const took = performance.now() - from;
    const after = await storms.underWay();
    if ([...before].some((storm) => after.has(storm))) ms.push(took);
    else others += 1;
  }
  if (ms.length < wanted) {
    throw new Error(
      `Only ${ms.length} of ${most} calls were made while a storm lasted, and ${wanted} are needed: the storm was over ` +
        'before the others were answered. Make the storms larger.',
    );
  }
  return { ms, others };
}
