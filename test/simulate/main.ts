import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { BREAKS, type BreakName, breakNames } from './breaks.ts';
import { commandOf, report } from './report.ts';
import { type Options, simulate } from './run.ts';

/** A development tool that runs machines and filing on virtual time. Its exit code is 1 if an invariant is violated. */

interface CommandLine {
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
    'Plays random schedules of crashes, lost responses, clicks, storms and flag flips against the real machines and the real ' +
      'filing code, on virtual time and without I/O, and checks invariants after every step.',
  )
  .option('--seed <number>', 'seed for the random schedules', wholeNumber, randomInt(1_000_000))
  .option('--schedules <number>', 'number of schedules', wholeNumber, 5_000)
  .option('--length <number>', 'maximum number of actions in a schedule', wholeNumber, 40)
  .addOption(
    new Option('--break <what>', 'break one part on purpose; an invariant must then be violated').choices(breakNames),
  )
  .option('--path <path>', 'play only one schedule of this seed, with the path that was printed when it failed')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `\nBreaks:\n${breakNames.map((name) => `  ${name.padEnd(20)} ${BREAKS[name].what}`).join('\n')}`,
  )
  .showHelpAfterError();

const { seed, schedules, length, break: broken = null, path = null, json } = program.parse().opts<CommandLine>();
const options: Options = { seed, schedules, length, broken, path };
const progress = createProgress(process.stderr);
const every = process.stderr.isTTY ? PROGRESS_MS.terminal : PROGRESS_MS.file;
const began = performance.now();
let reportedAt = began;
const result = await simulate(options, (played) => {
  const now = performance.now();
  if (now - reportedAt < every) return;
  reportedAt = now;
  progress.say(`${played} of ${schedules} schedules, ${Math.round((played / (now - began)) * 60_000)} a minute`);
});
progress.done();
const { failure } = result;
const shown = failure && { ...result, command: commandOf(result, failure.path) };
process.stdout.write(`${json ? JSON.stringify(shown ?? result, null, 2) : report(result)}\n`);
process.exit(result.passed ? 0 : 1);
