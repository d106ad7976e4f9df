import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { CONTROLS, type Control } from './environment.ts';
import { again, report } from './report.ts';
import { runFaults } from './run.ts';

/** A development tool: the whole program under faults, on loopback only. It ends with 1 where anything is wrong. */

interface Given {
  seed: number;
  incidents: number;
  seconds: number;
  control?: Control;
  json?: true;
  keep?: true;
}

const program = new Command('faults')
  .description(
    'Runs two web processes and three workers on a Postgres, a FreeScout and a Slack of their own, strikes them with faults ' +
      'drawn from a seed, and checks that nothing is lost and nothing is there twice.',
  )
  .option('--seed <number>', 'what everything is drawn from', wholeNumber, randomInt(1_000_000))
  .option('--incidents <number>', 'alerts to send', wholeNumber, 300)
  .option('--seconds <number>', 'of faults', wholeNumber, 90)
  .addOption(new Option('--control <safeguard>', 'take one safeguard away; the run must then fail').choices(CONTROLS))
  .option('--json', 'the result as JSON')
  .option('--keep', 'keep logs and database in any case')
  .showHelpAfterError();

const { seed, incidents, seconds, control = null, json, keep = false } = program.parse().opts<Given>();
const options = { seed, incidents, seconds: Math.max(5, seconds), control };
// What was taken is given back when the process ends, however that comes about.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.stderr.write(`seed ${seed}; again with: ${again(options)}\n`);
const result = await runFaults(options, createProgress(process.stderr), keep);
process.stdout.write(`${json ? JSON.stringify(result, null, 2) : report(result)}\n`);
process.exit(result.passed ? 0 : 1);
