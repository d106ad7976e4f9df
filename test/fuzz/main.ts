import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { again, report } from './report.ts';
import { runFuzz } from './run.ts';

/** A development tool: hostile input from all sides, on loopback only. It ends with 1 where anything is wrong. */

const program = new Command('fuzz')
  .description(
    'Sends hostile input to every route of the console and the API, and gives the FreeScout and Slack adapters hostile ' +
      'answers, all drawn from a seed; checks that nothing breaks, nothing half-done stays, and memory does not grow.',
  )
  .option('--seed <number>', 'what everything is drawn from', wholeNumber, randomInt(1_000_000))
  .option('--inputs <number>', 'how many', wholeNumber, 200_000)
  .option('--only <number>', 'this one alone; it is shown with its answer', wholeNumber)
  .showHelpAfterError();

const { seed, inputs, only = null } = program.parse().opts<{ seed: number; inputs: number; only?: number }>();
const options = { seed, inputs: Math.max(1, inputs), only };
process.stderr.write(`seed ${seed}; again with: ${again(options)}\n`);
const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-fuzz-'));
// Postgres may run as another user, who has to get to its own folder in there.
await chmod(dir, 0o711);
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
// Whoever has seen enough gets the report of what was sent by then; a second time ends it at once.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort();
    process.once(signal, () => process.exit(130));
  });
}
const database = await startEmbeddedPostgres({ dir: join(dir, 'postgres') });
const result = await runFuzz(options, database.url, (line) => void process.stderr.write(`${line}\n`), stopping.signal);
await database.stop();
process.stdout.write(`${report(result)}\n`);
process.exit(result.passed ? 0 : 1);
