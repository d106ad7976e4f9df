import { type FuzzOptions, type FuzzResult, HEAP_BOUND } from './run.ts';

export const again = ({ seed, inputs, only }: FuzzOptions): string =>
  `npm run -s fuzz -- --seed ${seed} --inputs ${inputs}${only === null ? '' : ` --only ${only}`}`;

/** The table at the end of a run, in Markdown. */
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
    '| route or verb | inputs | answers |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${sent} inputs in ${seconds} s, ${perSecond} a second.`,
    `Heap after collection: ${heap.start} MiB once warm, ${heap.end} MiB at the end; it may grow by ${HEAP_BOUND}.`,
    `The tables were compared after ${compared} batches that were refused as a whole.`,
    faults.length === 0 ? 'Nothing was wrong.' : `${faults.length} faults:`,
    ...faults.flatMap(({ input, what }) => [`- ${what}`, `  ${again({ ...result, only: input })}`]),
    `Again: ${again({ ...result, only: null })}`,
  ].join('\n');
}
