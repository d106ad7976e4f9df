import type { Command } from 'commander';
import type { DeadLetterFilter } from '../../deadLetters/deadLetterList.ts';
import type { DeadLetters } from '../../deadLetters/deadLetters.ts';
import { Problem } from '../../lib/problem.ts';
import { type CommandContext, CommandError, counted, type Terminal } from '../../lib/terminal.ts';
import { wholeNumber } from '../../lib/wholeNumber.ts';
import { AUDIT_ACTOR } from '../auditActor.ts';
import { notFound, withDeadLetters } from './access.ts';
import { addFilterOptions } from './filter.ts';

interface ReplayOptions extends DeadLetterFilter {
  all?: boolean;
  count?: number;
}

/** `dead-letters replay`: by id, or all that match a filter if their number is confirmed. */
export function addReplay(group: Command, context: CommandContext): void {
  addFilterOptions(group.command('replay'))
    .summary('deliver again')
    .description(
      'Queues dead letters for delivery. A running worker delivers them at once, otherwise the next one that starts. ' +
        'Correct the reason first, or they fail again. A ticket is filed only while its alert is active.',
    )
    .argument('[ID...]', 'as shown by "list"')
    .option('--all', 'all dead letters')
    .option(
      '--count <number>',
      'confirms how many --all, --kind or --reason replay; without it they are only counted',
      wholeNumber,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  auto-ticketing dead-letters replay alert:status_poller:0123456789abcdef:7:dm\n' +
        '  auto-ticketing dead-letters replay --kind message --reason invalid_auth --count 12',
    )
    .action(async (ids: string[], { all = false, count, ...filter }: ReplayOptions, command: Command) => {
      const isFiltered = all || filter.kind !== undefined || filter.reason !== undefined;
      if (isFiltered === ids.length > 0) return command.error('error: name either ids, or --all, --kind or --reason');
      await withDeadLetters(context, async (deadLetters) => {
        if (!isFiltered) await replayByIds(deadLetters, [...new Set(ids)], context.terminal);
        else if (count === undefined) await countMatches(deadLetters, filter, context.terminal);
        else await replayMatches(deadLetters, { filter, count }, context.terminal);
      });
    });
}

async function countMatches(deadLetters: DeadLetters, filter: DeadLetterFilter, terminal: Terminal): Promise<void> {
  const { total } = await deadLetters.list({ ...filter, limit: 1 });
  if (total === 0) terminal.out('No dead letters match.');
  else terminal.out(`${counted(total, 'dead letter matches', 'dead letters match')}. To replay, add --count ${total}.`);
}

async function replayMatches(
  deadLetters: DeadLetters,
  { filter, count }: { filter: DeadLetterFilter; count: number },
  terminal: Terminal,
): Promise<void> {
  const { replayed, refused } = await deadLetters.replayMany(filter, count, AUDIT_ACTOR);
  terminal.out(queued(replayed));
  for (const { id, message } of refused) terminal.err(`${id}: ${message}`);
  if (refused.length > 0) throw new CommandError(`${counted(refused.length, 'was', 'were')} refused.`);
}

async function replayByIds(deadLetters: DeadLetters, ids: string[], terminal: Terminal): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      if (!(await deadLetters.replay(id, AUDIT_ACTOR))) failures.push(notFound(id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failures.push(`${id}: ${error.message}`);
    }
  }
  terminal.out(queued(ids.length - failures.length));
  if (failures.length > 0) throw new CommandError(failures.join('\n'));
}

const queued = (count: number): string => `${counted(count, 'dead letter')} queued for replay.`;
