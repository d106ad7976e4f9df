import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { withResults, writeCharts } from './documentation.ts';
import { report, shortReport } from './report.ts';
import { type Result, runScenario } from './run.ts';
import { SCENARIOS } from './scenarios.ts';
import { DEFAULTS, QUICK, type Sizes } from './sizes.ts';
import { summaryTable } from './summary.ts';

/** A development tool that measures the built program. It prints figures and has no pass or fail. */

interface Options extends Partial<Sizes> {
  database?: string;
  json?: string;
  charts?: string;
  profiles?: string;
  docs?: true;
  quick?: true;
  list?: true;
}

const size = (name: keyof Sizes, what: string) =>
  [`--${name} <number>`, `${what}; default ${DEFAULTS[name]} or that of the scenario`, wholeNumber] as const;

const program = new Command('bench')
  .description(
    'Measures the built program on a private Postgres with stubs of FreeScout and Slack, and beside Alertmanager where it is ' +
      'installed. Lanes are measured alternately, so only their ratios can be compared with those of another run.',
  )
  .addArgument(
    new Argument('[scenarios...]', 'what to measure; default: everything').choices(SCENARIOS.map(({ name }) => name)),
  )
  .option(...size('rounds', 'how often each lane is measured'))
  .option(...size('count', 'alerts, events or requests in each round'))
  .option(...size('surfaces', 'surfaces of the status page, the poller and the outage; alerts of a storm'))
  .option(...size('actors', 'actors in a large database'))
  .option(...size('history', 'history rows before the restart, audit rows of the crowd'))
  .option(...size('pages', 'open status pages'))
  .option(...size('latency', 'milliseconds until FreeScout answers'))
  .option(...size('seconds', 'seconds for which the program is observed'))
  .option('--quick', 'small sizes: shows in a few minutes that every scenario works, and nothing about how fast')
  .option('--database <url>', 'an empty database for one scenario; default: a new Postgres for each')
  .option('--json <file>', 'write the results with the figures of each round to a file')
  .option('--charts <folder>', 'write a chart as SVG for each scenario')
  .option('--profiles <folder>', 'write a profile of each process of the program, which then is slower')
  .option('--docs', 'replace the results in docs/performance.md and the charts in docs/images')
  .option('--list', 'list the scenarios')
  .showHelpAfterError();
program.parse();

// The clean-up runs when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const { database, json, charts, profiles, docs, quick, list, ...sizes } = program.opts<Options>();
if (profiles && docs) program.error('error: a profiled program is slower: leave out --profiles or --docs');
if (quick && docs) program.error('error: results of a quick run are not for the page: leave out --quick or --docs');
const wanted = SCENARIOS.filter(({ name }) => program.args.length === 0 || program.args.includes(name));
if (list) for (const { name, title } of wanted) process.stdout.write(`${name.padEnd(20)} ${title}\n`);
else await measure();

async function measure(): Promise<void> {
  if (profiles !== undefined) await mkdir(profiles, { recursive: true });
  const progress = createProgress(process.stderr);
  const results: Result[] = [];
  for (const scenario of wanted) {
    try {
      const own = quick ? QUICK : { ...DEFAULTS, ...scenario.sizes };
      const result = await runScenario(scenario, { ...own, ...sizes }, { progress, database, profiles });
      progress.say(`${shortReport(result)}\n`);
      results.push(result);
      // At once, since all scenarios together take most of an hour.
      if (docs) await updateDocumentation([result]);
    } catch (error) {
      // The others are measured all the same.
      process.stderr.write(`\n${scenario.name} failed: ${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    }
  }
  progress.done();
  process.stdout.write(`${summaryTable(results)}\n\n${report(results)}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
  if (charts !== undefined) await writeCharts(results, charts);
}

async function updateDocumentation(results: readonly Result[]): Promise<void> {
  const page = join(packageRoot, 'docs/performance.md');
  await writeFile(page, withResults(await readFile(page, 'utf8'), results, new Date()));
  const images = join(packageRoot, 'docs/images');
  await mkdir(images, { recursive: true });
  await writeCharts(results, images);
}
process.exit();
