import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { BREAKS, type BreakName, breakNames } from './breaks.ts';
import { again, report } from './report.ts';
import { type Options, simulate } from './run.ts';

/** A development tool: machines and filing on virtual time. It ends with 1 where an invariant is violated. */

interface Given {
  seed: number;
  schedules: number;
  length: number;
  break?: BreakName;
  path?: string;
  json?: true;
}

const PROGRESS_MS = { terminal: 500, file: 15_000 };

const program = new Command('simulate')
  .description(
    'Plays schedules of crashes, lost answers, clicks, storms and flips against the real machines and the real filing, on ' +
      'virtual time and without any I/O, and checks after every step what must always hold.',
  )
  .option('--seed <number>', 'what the schedules are drawn from', wholeNumber, randomInt(1_000_000))
  .option('--schedules <number>', 'how many to play', wholeNumber, 5_000)
  .option('--length <number>', 'happenings that one may have', wholeNumber, 40)
  .addOption(
    new Option('--break <what>', 'spoil one part on purpose; an invariant must then be violated').choices(breakNames),
  )
  .option('--path <path>', 'play one schedule of this seed again, as printed where it failed')
  .option('--json', 'the result as JSON')
  .addHelpText(
    'after',
    `\nBreaks:\n${breakNames.map((name) => `  ${name.padEnd(20)} ${BREAKS[name].what}`).join('\n')}`,
  )
  .showHelpAfterError();

const { seed, schedules, length, break: broken = null, path = null, json } = program.parse().opts<Given>();
const options: Options = { seed, schedules, length, broken, path };
const progress = createProgress(process.stderr);
const every = process.stderr.isTTY ? PROGRESS_MS.terminal : PROGRESS_MS.file;
const began = performance.now();
let toldAt = began;
const result = await simulate(options, (played) => {
  const now = performance.now();
  if (now - toldAt < every) return;
  toldAt = now;
  progress.say(`${played} of ${schedules} schedules, ${Math.round((played / (now - began)) * 60_000)} a minute`);
});
progress.done();
const { failure } = result;
const shown = failure && { ...result, again: again(result, failure.path) };
process.stdout.write(`${json ? JSON.stringify(shown ?? result, null, 2) : report(result)}\n`);
process.exit(result.passed ? 0 : 1);
