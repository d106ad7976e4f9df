import type { Result } from './run.ts';
import { formattedSummary, type Summary } from './statistics.ts';

/** One row for each aim that is a number: what was measured, and whether the median reaches it. */

const HEAD = ['| scenario | figure | aim | median (spread) | reached |', '| --- | --- | --- | ---: | --- |'];

export function summaryTable(results: readonly Result[]): string {
  return [...HEAD, ...results.flatMap(summaryRows)].join('\n');
}

/** How the rows of a scenario begin. */
export const summaryPrefix = (scenario: string): string => `| [${scenario}](#${scenario}) |`;

/** At least one row, so that the scenario keeps its place in the table. */
export function summaryRows({ scenario, figures, ratios, limits }: Result): string[] {
  const row = (what: string, aim: string, value: string, reached: string) =>
    `${summaryPrefix(scenario)} ${what} | ${aim} | ${value} | ${reached} |`;
  const bounded = limits.flatMap(({ lane, figure, aim }) =>
    figures
      .filter((each) => each.lane === lane && each.name === figure)
      .map((found) => row(`${lane}: ${figure}`, aim, formattedSummary(found), verdict(aim, found))),
  );
  const compared = ratios
    .filter(({ aim }) => isNumeric(aim))
    .map((ratio) => {
      const what = `${ratio.of} : ${ratio.to}, ${ratio.figure}${ratio.toFigure ? ` : ${ratio.toFigure}` : ''}`;
      return row(what, `${ratio.aim} ×`, `${formattedSummary(ratio)} ×`, verdict(ratio.aim, ratio));
    });
  const rows = [...bounded, ...compared];
  return rows.length > 0 ? rows : [row('–', '–', '–', '–')];
}

/** Such as `≤ 1,000` or `> 1`. */
const NUMERIC = /^([≤≥<>]) ([\d.,]+)$/;
const isNumeric = (aim: string): boolean => NUMERIC.test(aim);

function verdict(aim: string, { median }: Summary): 'yes' | '**no**' | '–' {
  const [, sign = '', number = ''] = NUMERIC.exec(aim) ?? [];
  const bound = Number(number.replaceAll(',', ''));
  if (!Number.isFinite(median) || number === '') return '–';
  const isReached = { '≤': median <= bound, '≥': median >= bound, '<': median < bound, '>': median > bound }[sign];
  return isReached ? 'yes' : '**no**';
}
