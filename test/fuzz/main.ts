import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { commandOf, report } from './report.ts';
import { runFuzz } from './run.ts';
import { runWebhookFuzz } from './webhooks/run.ts';

/** A development tool that sends hostile input, on loopback only. Its exit code is 1 if anything is wrong. */

const program = new Command('fuzz')
  .description(
    'Sends hostile requests to every route of the console and the API, and hostile responses to the FreeScout and Slack ' +
      'clients, all drawn from a seed. Checks that nothing breaks, refused requests change nothing, and memory does not grow.',
  )
  .option('--seed <number>', 'seed for all random choices', wholeNumber, randomInt(1_000_000))
  .option('--inputs <number>', 'number of inputs', wholeNumber, 200_000)
  .option('--webhooks', 'only requests of alert senders, in all their formats, with their alerts taken')
  .option('--only <number>', 'send only the input with this number and print it with its response', wholeNumber)
  .showHelpAfterError();

interface Options {
  seed: number;
  inputs: number;
  webhooks?: true;
  only?: number;
}
const { seed, inputs, webhooks = false, only = null } = program.parse().opts<Options>();
const options = { seed, inputs: Math.max(1, inputs), only, webhooks, toleranceMs: 3_000, watchHeap: true };
process.stderr.write(`Seed ${seed}. Repeat with: ${commandOf(options)}\n`);
const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-fuzz-'));
// Postgres may run as another user, which must be able to enter its folder in this one.
await chmod(dir, 0o711);
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
// The first signal ends the run with a report of the inputs sent so far; the second ends it at once.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort();
    process.once(signal, () => process.exit(130));
  });
}
const database = await startEmbeddedPostgres({ dir: join(dir, 'postgres') });
const run = webhooks ? runWebhookFuzz : runFuzz;
const result = await run(options, database.url, (line) => void process.stderr.write(`${line}\n`), stopping.signal);
await database.stop();
process.stdout.write(`${report(result)}\n`);
process.exit(result.passed ? 0 : 1);
