import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { CONTROLS, type Control } from './environment.ts';
import { usualCounts } from './planFaults.ts';
import { commandOf, report } from './report.ts';
import { runFaults } from './run.ts';

/** A development tool that runs the whole program under faults, on loopback only. Its exit code is 1 if a check fails. */

interface Options {
  seed: number;
  incidents: number;
  seconds: number;
  silentLinks?: number;
  lostHosts?: number;
  longPauses?: number;
  failovers?: number;
  nameFaults?: number;
  clockSteps?: number;
  clockHours?: number;
  killPoints?: number;
  deploys?: number;
  control?: Control;
  json?: true;
  keep?: true;
}

const program = new Command('faults')
  .description(
    'Runs two web and three worker processes with a private Postgres, FreeScout and Slack, injects faults drawn from a seed, ' +
      'and checks that nothing is lost or duplicated.',
  )
  .option('--seed <number>', 'seed for all random choices', wholeNumber, randomInt(1_000_000))
  .option('--incidents <number>', 'number of alerts to send', wholeNumber, 300)
  .option('--seconds <number>', 'duration of the faults', wholeNumber, 90)
  .option(
    '--silent-links <number>',
    'networks to the database that fall silent or close on one side; default: by duration',
    wholeNumber,
  )
  .option('--lost-hosts <number>', 'hosts that vanish without closing a connection; default: by duration', wholeNumber)
  .option(
    '--long-pauses <number>',
    'processes paused inside a transaction for more than 10 s; default: by duration',
    wholeNumber,
  )
  .option(
    '--failovers <number>',
    'primaries that end and are replaced by their standby; default: by duration, 0 below 30 s',
    wholeNumber,
  )
  .option(
    '--name-faults <number>',
    'wrong, late or no answers about the names of FreeScout and Slack; default: by duration',
    wholeNumber,
  )
  .option('--clock-steps <number>', 'times that the clock of the database is set; default: by duration', wholeNumber)
  .option('--clock-hours <number>', 'times that it is set forward by an hour; default: 0', wholeNumber)
  .option('--kill-points <number>', 'workers killed at a certain step; default: by duration', wholeNumber)
  .option(
    '--deploys <number>',
    'later releases that are deployed, rolled back, and deployed to all; default: by duration, 0 below 75 s',
    wholeNumber,
  )
  .addOption(new Option('--control <safeguard>', 'disable one safeguard; the run must then fail').choices(CONTROLS))
  .option('--json', 'print the result as JSON')
  .option('--keep', 'keep logs and database even if the run passes')
  .showHelpAfterError();

const {
  seed,
  incidents,
  seconds: wanted,
  control = null,
  json,
  keep = false,
  ...counts
} = program.parse().opts<Options>();
const seconds = Math.max(5, wanted);
const options = { seed, incidents, seconds, control, rare: { ...usualCounts(seconds), ...counts } };
// The clean-up runs when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.stderr.write(`Seed ${seed}. Repeat with: ${commandOf(options)}\n`);
const result = await runFaults(options, createProgress(process.stderr), keep);
process.stdout.write(`${json ? JSON.stringify(result, null, 2) : report(result)}\n`);
process.exit(result.passed ? 0 : 1);
