import { Command, Option } from 'commander';
import { createProgress } from '../../src/lib/progress.ts';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { FAULTS, type Fault } from './drill.ts';
import { type Result, runOnCluster } from './run.ts';

/** A development tool; it needs Debian's packages patroni, etcd-server, haproxy and postgresql. docs/operating.md has its results. */

const names = Object.keys(FAULTS) as Fault[];
const program = new Command('cluster')
  .description(
    'Runs the program on a Postgres cluster (Patroni, etcd, HAProxy, two servers in synchronous mode, all on loopback), lets the ' +
      'primary fail in several ways while alerts flow, and checks that nothing is lost or duplicated. ' +
      'Build the program first (npm run build).',
  )
  .addOption(new Option('--faults <names...>', 'how the primary fails, in this order').choices(names).default(names))
  .option('--every-ms <number>', 'milliseconds between two alerts', wholeNumber, 2_000)
  .option('--seed <number>', 'seed for random choices', wholeNumber, 1)
  .option('--no-watchdog', 'hosts have no watchdog; a primary that stands still may then lose acknowledged alerts')
  .option('--json', 'print the result as JSON')
  .showHelpAfterError();

const { json, ...options } = program
  .parse()
  .opts<{ faults: Fault[]; everyMs: number; seed: number; watchdog: boolean; json?: true }>();
// The clean-up runs when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const result = await runOnCluster(options, createProgress(process.stderr));
process.stdout.write(`${json ? JSON.stringify(result, null, 2) : report(result)}\n`);
process.exit(result.passed ? 0 : 1);

function report({ faults, tickets, messages, acknowledged, violations, dir }: Result): string {
  return [
    ...faults.map(
      ({ fault, pauseSeconds, completeSeconds, tookOver, reset }) =>
        `${FAULTS[fault]}${reset ? ', and its watchdog resets it' : ''}: at most ${pauseSeconds.toFixed(1)} s between two tickets, ` +
        `${tookOver === null ? 'no other node took over' : `node ${tookOver} took over`}, standby again after ${completeSeconds} s`,
    ),
    `emissions acknowledged ${acknowledged}, tickets expected ${tickets.expected}, found ${tickets.found}`,
    `duplicate ${tickets.duplicate}, missing ${tickets.missing}, untagged ${tickets.untagged}`,
    `audit rows expected ${tickets.auditExpected}, found ${tickets.auditFound}`,
    `opening messages expected ${messages.openings}, found ${messages.openingsFound}, repeated ${messages.doubles}`,
    violations.length === 0 ? 'Passed' : `Violations: ${violations.length}`,
    ...violations.slice(0, 20).map(({ kind, what }) => `  ${kind}: ${what}`),
    ...(dir === null ? [] : [`logs: ${dir}`]),
  ].join('\n');
}
