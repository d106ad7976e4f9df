import type { Result } from './run.ts';
import { formatted, formattedSummary } from './statistics.ts';

/** The results as text: one table of Markdown for each scenario, medians with the spread over the rounds. */
export function report(results: readonly Result[]): string {
  return results.map(section).join('\n\n');
}

export function section({ scenario, title, aim, bound, figures, ratios, remarks }: Result): string {
  const lines = [
    `### ${scenario}`,
    '',
    `${title}. Aim: ${aim}. Bound by ${bound}.`,
    '',
    '| lane | figure | median (spread) |',
    '| --- | --- | ---: |',
    ...figures.map((figure) => `| ${figure.lane} | ${figure.name} | ${formattedSummary(figure)} |`),
    ...ratios.map(
      (ratio) => `| ${ratio.of} : ${ratio.to} | ${ratio.figure}, aim ${ratio.aim} | **${formattedSummary(ratio)} ×** |`,
    ),
  ];
  if (remarks.length > 0) lines.push('', ...remarks);
  return lines.join('\n');
}

/** The ratios on one line, for the progress. */
export function shortReport({ scenario, ratios }: Result): string {
  return [scenario, ...ratios.map(({ of, to, median }) => `${of} : ${to} = ${formatted(median)}`)].join('  ');
}
