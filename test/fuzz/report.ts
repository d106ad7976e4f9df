import { type HeapSample, heapGrowth } from './heap.ts';
import { type FuzzOptions, type FuzzResult, HEAP_BOUND } from './run.ts';

export const commandOf = ({ seed, inputs, only, webhooks }: Command): string =>
  `npm run -s fuzz --${webhooks ? ' --webhooks' : ''} --seed ${seed} --inputs ${inputs}${only === null ? '' : ` --only ${only}`}`;

type Command = Pick<FuzzOptions, 'seed' | 'inputs' | 'only' | 'webhooks'>;

/** The report of a run, in Markdown. */
export function report(result: FuzzResult): string {
  const { faults, counts, sent, seconds, perSecond, heap, looked } = result;
  const rows = Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([route, outcomes]) => {
      const each = Object.entries(outcomes).sort(([a], [b]) => (a < b ? -1 : 1));
      const all = each.reduce((sum, [, n]) => sum + n, 0);
      return `| \`${route}\` | ${all} | ${each.map(([outcome, n]) => `${outcome}: ${n}`).join(', ')} |`;
    });
  return [
    '| route or verb | inputs | responses |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${sent} inputs in ${seconds} s, ${perSecond} a second.`,
    ...heapLines(heap),
    `The tables were checked ${looked.times} times, ${looked.why}.`,
    faults.length === 0 ? 'No faults.' : `${faults.length} faults:`,
    ...faults.flatMap(({ input, what }) => [`- ${what}`, `  ${commandOf({ ...result, only: input })}`]),
    `Repeat with: ${commandOf({ ...result, only: null })}`,
  ].join('\n');
}

function heapLines(heap: readonly HeapSample[]): string[] {
  const mib = heap.map((sample) => sample.mib);
  if (mib.length === 0) return [];
  return [
    `Heap after garbage collection, ${mib.length} samples since the warm-up: first ${mib[0]} MiB, last ${mib.at(-1)} MiB, ` +
      `${Math.min(...mib)} to ${Math.max(...mib)} MiB.`,
    `On the line through all of them it grows by ${heapGrowth(heap)} MiB; ${HEAP_BOUND} are allowed.`,
  ];
}
