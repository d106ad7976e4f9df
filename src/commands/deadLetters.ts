import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Pool } from 'pg';
import { createDelivery } from '../actors/deliver.ts';
import { actionWriters, noRoutes } from '../app/actionWriters.ts';
import { registry } from '../app/machineRegistry.ts';
import type { DeadLetterFilter } from '../deadLetters/deadLetterList.ts';
import { createDeadLetters, type DeadLetters } from '../deadLetters/deadLetters.ts';
import { Problem } from '../lib/problem.ts';
import { type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import { wholeNumber } from '../lib/wholeNumber.ts';
import { createLog } from '../log/log.ts';
import type { DeadLetter } from '../model/deadLetters.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withDatabase } from './withDatabase.ts';

const PAGE = 200;
/** Who the audit log says it was. */
const ACTOR = 'command line';
const quiet = createLog({ level: 'silent' });

interface ReplayOptions extends DeadLetterFilter {
  all?: boolean;
  count?: number;
}

/** `dead-letters`: what could not be delivered, and what people do about it. All works while the program is down. */
export function addDeadLetters(program: Command, { env, terminal }: CommandContext): void {
  const group = program
    .command('dead-letters')
    .description('tickets, tags, notes and messages that could not be delivered and were given up');

  const withLetters = <T>(work: (letters: DeadLetters) => Promise<T>): Promise<T> =>
    withDatabase(databaseSettings(env), terminal, (pool) => work(lettersIn(pool)).catch(explained));

  filtered(group.command('list'))
    .summary('list them')
    .description('Lists them, newest first, each with its id and the reason.')
    .option('--json', 'as JSON, with everything that is known of each')
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters list --kind ticket')
    .action(async ({ json = false, ...filter }: DeadLetterFilter & { json?: boolean }) => {
      const found = await withLetters((letters) => all(letters, filter));
      if (json) terminal.out(JSON.stringify(found, null, 2));
      else if (found.length === 0) terminal.out('There are no dead letters.');
      else for (const letter of found) terminal.out(described(letter));
    });

  group
    .command('show')
    .summary('show one, with its payload')
    .description('Shows one as JSON, with what is to be delivered and everything that was tried.')
    .argument('<ID>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters show alert:monitor:0123456789abcdef:1:file')
    .action(async (id: string) => {
      terminal.out(JSON.stringify(await withLetters((letters) => required(id, letters.one(id))), null, 2));
    });

  group
    .command('edit')
    .summary('change what is to be delivered')
    .description(
      'Stores another payload, which a replay sends. Its words may change; its fields, and what says what it is about, ' +
        'may not. Take what "show" prints under "payload".',
    )
    .argument('<ID>', 'as the list shows it')
    .argument('<FILE>', 'the payload as JSON; - reads it from standard input')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing dead-letters edit alert:monitor:0123456789abcdef:1:file words.json',
    )
    .action(async (id: string, file: string) => {
      const payload = parsed(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch(unreadable));
      await withLetters((letters) => required(id, letters.edit(id, payload, ACTOR)));
      terminal.out(`Stored. Replay it to send it: auto-ticketing dead-letters replay ${id}`);
    });

  filtered(group.command('replay'))
    .summary('put them back to work')
    .description(
      'Puts them back to work. A worker that runs takes them at once, otherwise the next that starts. ' +
        'Do it once the reason is gone, or they come back. A ticket is filed again only while its alert is active.',
    )
    .argument('[ID...]', 'as the list shows them')
    .option('--all', 'every one that there is now')
    .option(
      '--count <number>',
      'how many --all, --kind or --reason are to replay; without it they are only counted',
      wholeNumber,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  auto-ticketing dead-letters replay alert:status_poller:0123456789abcdef:7:dm\n' +
        '  auto-ticketing dead-letters replay --kind message --reason invalid_auth --count 12',
    )
    .action(async (ids: string[], { all: every = false, count, ...filter }: ReplayOptions, command: Command) => {
      const many = every || filter.kind !== undefined || filter.reason !== undefined;
      if (many === ids.length > 0) return command.error('error: give the ids, or --all, --kind or --reason');
      await withLetters(async (letters) => {
        if (many) await replayMany(letters, filter, count);
        else await replayThese(letters, [...new Set(ids)]);
      });
    });

  group
    .command('discard')
    .summary('give one up for good')
    .description('Gives one up for good. The audit log keeps it with the reason.')
    .argument('<ID>', 'as the list shows it')
    .requiredOption('--reason <text>', 'why nobody needs it')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing dead-letters discard alert:monitor:0123456789abcdef:7:dm --reason "resolved long ago"',
    )
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const said = oneLine(reason);
      if (said === '') return command.error('error: say a reason');
      await withLetters((letters) => required(id, letters.discard(id, said, ACTOR)));
      terminal.out('Discarded.');
    });

  async function replayMany(letters: DeadLetters, filter: DeadLetterFilter, count: number | undefined): Promise<void> {
    if (count === undefined) {
      const { total } = await letters.list({ ...filter, limit: 1 });
      terminal.out(`${counted(total, 'dead letter fits', 'dead letters fit')}. To replay them, add --count ${total}.`);
      return;
    }
    const { replayed, refused } = await letters.replayMany(filter, count, ACTOR);
    terminal.out(`${counted(replayed, 'dead letter')} put back to work.`);
    for (const { id, message } of refused) terminal.err(`${id}: ${message}`);
    if (refused.length > 0) throw new CommandError(`${counted(refused.length, 'was', 'were')} refused.`);
  }

  async function replayThese(letters: DeadLetters, ids: string[]): Promise<void> {
    const failures: string[] = [];
    for (const id of ids) {
      try {
        if (!(await letters.replay(id, ACTOR))) failures.push(`There is no dead letter ${id}.`);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        failures.push(`${id}: ${error.message}`);
      }
    }
    terminal.out(`${counted(ids.length - failures.length, 'dead letter')} put back to work.`);
    if (failures.length > 0) throw new CommandError(failures.join('\n'));
  }
}

const filtered = (command: Command): Command =>
  command
    .addOption(new Option('--kind <kind>', 'only these').choices(['ticket', 'tag', 'note', 'message']))
    .option('--reason <code>', 'only those with this reason, such as rejected or invalid_auth');

/** Events are delivered from here as from any process; what they set going is done by a worker. */
function lettersIn(pool: Pool): DeadLetters {
  const { deliver } = createDelivery({
    pool,
    registry,
    log: quiet,
    writers: actionWriters,
    router: async () => noRoutes,
  });
  return createDeadLetters({ pool, registry, deliver });
}

async function all(letters: DeadLetters, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page = await letters.list({ ...filter, limit: PAGE, cursor });
    found.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function required<T>(id: string, wanted: Promise<T | null | false>): Promise<T> {
  const found = await wanted;
  if (found === null || found === false) throw new CommandError(`There is no dead letter ${id}.`);
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`This is not JSON: ${(error as Error).message}`);
  }
}

const unreadable = (error: Error): never => {
  throw new CommandError(`The payload could not be read: ${error.message}`);
};

/** What a browser would be told is as good here. */
function explained(error: unknown): never {
  throw error instanceof Problem ? new CommandError(error.message, { cause: error }) : error;
}

function described({ id, src, reason, attempts, error, finished_at }: DeadLetter): string {
  const at = finished_at.slice(0, 19).replace('T', ' ');
  const tries = counted(attempts, 'try', 'tries');
  return `${id}\n  ${src}, ${tries}, given up ${at} UTC, ${oneLine(reason)}: ${oneLine(messageOf(error))}`;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error);
