import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { DeadLetterFilter } from '../deadLetters/deadLetterList.ts';
import { asJson, type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import type { DeadLetter } from '../model/deadLetters.ts';
import { allRows } from './allRows.ts';
import { AUDIT_ACTOR } from './auditActor.ts';
import { found, withDeadLetters } from './deadLetters/access.ts';
import { addFilterOptions } from './deadLetters/filter.ts';
import { addReplay } from './deadLetters/replay.ts';

const ID_HELP = 'as shown by "list"';

/** `dead-letters`: lists, shows, edits, replays and discards what could not be delivered. Works while the program is down. */
export function addDeadLetters(program: Command, context: CommandContext): void {
  const group = program
    .command('dead-letters')
    .description('tickets, tags, notes and messages that could not be delivered and are not retried');
  addList(group, context);
  addShow(group, context);
  addEdit(group, context);
  addReplay(group, context);
  addDiscard(group, context);
}

function addList(group: Command, context: CommandContext): void {
  addFilterOptions(group.command('list'))
    .summary('list dead letters')
    .description('Lists dead letters, newest first, each with its id and the reason.')
    .option('--json', 'as JSON, with all fields')
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters list --kind ticket')
    .action(async ({ json = false, ...filter }: DeadLetterFilter & { json?: boolean }) => {
      const rows = await withDeadLetters(context, (deadLetters) =>
        allRows((page) => deadLetters.list({ ...filter, ...page })),
      );
      const { out } = context.terminal;
      if (json) out(asJson(rows));
      else if (rows.length === 0) out('No dead letters.');
      else for (const row of rows) out(described(row));
    });
}

function addShow(group: Command, context: CommandContext): void {
  group
    .command('show')
    .summary('show a dead letter with its payload')
    .description('Shows a dead letter as JSON, with its payload and all attempts.')
    .argument('<ID>', ID_HELP)
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters show alert:monitor:0123456789abcdef:1:file')
    .action(async (id: string) => {
      const deadLetter = await withDeadLetters(context, (deadLetters) => found(id, deadLetters.one(id)));
      context.terminal.out(asJson(deadLetter));
    });
}

function addEdit(group: Command, context: CommandContext): void {
  group
    .command('edit')
    .summary('change the payload')
    .description(
      'Stores a changed payload, which a replay delivers. Start from the "payload" that "show" prints: the texts may ' +
        'change, the set of fields and the fields that identify the subject may not.',
    )
    .argument('<ID>', ID_HELP)
    .argument('<FILE>', 'the payload as JSON; - reads standard input')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing dead-letters edit alert:monitor:0123456789abcdef:1:file payload.json',
    )
    .action(async (id: string, file: string) => {
      const payload = await readPayload(file);
      await withDeadLetters(context, (deadLetters) => found(id, deadLetters.edit(id, payload, AUDIT_ACTOR)));
      context.terminal.out(`Stored. To deliver it, run: auto-ticketing dead-letters replay ${id}`);
    });
}

function addDiscard(group: Command, context: CommandContext): void {
  group
    .command('discard')
    .summary('discard a dead letter for good')
    .description('Discards a dead letter for good. The audit log keeps it with the reason.')
    .argument('<ID>', ID_HELP)
    .requiredOption('--reason <text>', 'why it is not needed')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing dead-letters discard alert:monitor:0123456789abcdef:7:dm --reason "resolved long ago"',
    )
    .action(async (id: string, options: { reason: string }, command: Command) => {
      const reason = oneLine(options.reason);
      if (reason === '') return command.error('error: the reason must not be empty');
      await withDeadLetters(context, (deadLetters) => found(id, deadLetters.discard(id, reason, AUDIT_ACTOR)));
      context.terminal.out('Discarded.');
    });
}

async function readPayload(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new CommandError(`The payload cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`The payload is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function described({ id, src, reason, attempts, error, finished_at }: DeadLetter): string {
  const at = finished_at.slice(0, 19).replace('T', ' ');
  const tries = counted(attempts, 'attempt');
  return `${id}\n  ${src}, ${tries}, failed at ${at} UTC, ${oneLine(reason)}: ${oneLine(messageOf(error))}`;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error);
