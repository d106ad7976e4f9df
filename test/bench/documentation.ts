import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { section } from './report.ts';
import type { Result } from './run.ts';
import { summaryPrefix, summaryRows } from './summary.ts';

/** The measured parts of docs/performance.md. */

const mark = (name: string, edge: 'begin' | 'end') => `<!-- ${edge} ${name} -->`;

/** The page with the sections of these scenarios and their rows of the summary replaced; those of the others stay. */
export function withResults(page: string, results: readonly Result[], at: Date): string {
  return results.reduce(
    (text, result) => withSummary(replaced(text, result.scenario, sectionOf(result, at)), result),
    page,
  );
}

function withSummary(page: string, result: Result): string {
  const lines = page.split('\n');
  const prefix = summaryPrefix(result.scenario);
  const first = lines.findIndex((line) => line.startsWith(prefix));
  if (first < 0) throw new Error(`The summary of the page has no row that begins with ${prefix}`);
  // Other tables of the page may have rows that begin like this one.
  const after = lines.findIndex((line, n) => n > first && !line.startsWith(prefix));
  return lines.toSpliced(first, after - first, ...summaryRows(result)).join('\n');
}

function replaced(page: string, name: string, content: string): string {
  const [begin, end] = [mark(name, 'begin'), mark(name, 'end')];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no place for ${name}: add the lines ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}

function sectionOf(result: Result, at: Date): string {
  const { scenario, sizes } = result;
  const [busy = 0] = loadavg();
  const processors = cpus().length;
  const used = Object.entries(sizes).map(([name, value]) => `--${name} ${value}`);
  return [
    section(result),
    '',
    `![Chart of ${scenario}](images/${fileOf(scenario)})`,
    '',
    `Measured on ${at.toISOString().slice(0, 10)} with ${processors} processors and a load of ${busy.toFixed(1)}` +
      `${busy > 2 * processors ? ' (**busy machine**: only the ratios mean something)' : ''}: \`npm run bench -- ${scenario} ${used.join(' ')}\``,
  ].join('\n');
}

const fileOf = (scenario: string) => `bench-${scenario}.svg`;

/** The first figure of each scenario is the one that its chart shows. */
export async function writeCharts(results: readonly Result[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const result of results) {
    const [first] = result.figures;
    if (first) await writeFile(join(folder, fileOf(result.scenario)), chart(result, first.name));
  }
}
