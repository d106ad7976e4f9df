import { type FuzzOptions, type FuzzResult, HEAP_BOUND } from './run.ts';

export const commandOf = ({ seed, inputs, only }: Pick<FuzzOptions, 'seed' | 'inputs' | 'only'>): string =>
  `npm run -s fuzz -- --seed ${seed} --inputs ${inputs}${only === null ? '' : ` --only ${only}`}`;

/** The report of a run, in Markdown. */
export function report(result: FuzzResult): string {
  const { faults, counts, sent, seconds, perSecond, heap, compared } = result;
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
    `Heap after garbage collection: ${heap.start} MiB after the warm-up, ${heap.end} MiB at the end. It may grow by ${HEAP_BOUND} MiB.`,
    `The tables were compared after ${compared} batches in which every request was refused.`,
    faults.length === 0 ? 'No faults.' : `${faults.length} faults:`,
    ...faults.flatMap(({ input, what }) => [`- ${what}`, `  ${commandOf({ ...result, only: input })}`]),
    `Repeat with: ${commandOf({ ...result, only: null })}`,
  ].join('\n');
}
