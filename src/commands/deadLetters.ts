import type { Command } from 'commander';
import type { Pool } from 'pg';
import { listDeadLetters } from '../actors/deadLetters.ts';
import { replayEffect } from '../actors/replay.ts';
import { appendAudit } from '../audit/log.ts';
import { transaction } from '../db/pool.ts';
import type { DeadLetter } from '../http/services.ts';
import { registry } from '../machines.ts';
import { withDatabase } from './database.ts';
import { databaseSettings } from './settings.ts';
import { type CommandContext, CommandError, counted, oneLine } from './terminal.ts';

const PAGE = 200;
/** Who the audit log says it was. */
const ACTOR = 'command line';

/** `dead-letters`: what could not be delivered, and putting it back to work. Both work while the program is down. */
export function addDeadLetters(program: Command, { env, terminal }: CommandContext): void {
  const group = program
    .command('dead-letters')
    .description('tickets, tags, notes and messages that could not be delivered and were given up');

  group
    .command('list')
    .summary('list them')
    .description('Lists them, newest first, each with its id and the reason.')
    .option('--json', 'as JSON, with everything that is known of each')
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters list')
    .action(async ({ json = false }: { json?: boolean }) => {
      const letters = await withDatabase(databaseSettings(env), terminal, all);
      if (json) terminal.out(JSON.stringify(letters, null, 2));
      else if (letters.length === 0) terminal.out('There are no dead letters.');
      else for (const letter of letters) terminal.out(described(letter));
    });

  group
    .command('replay')
    .summary('put them back to work')
    .description(
      'Puts them back to work. A worker that runs takes them at once, otherwise the next that starts. ' +
        'Do it once the reason is gone, or they come back.',
    )
    .argument('[ID...]', 'as the list shows them')
    .option('--all', 'every one that there is now')
    .addHelpText('after', '\nExample:\n  auto-ticketing dead-letters replay alert:status_poller:0123456789abcdef:7:dm')
    .action(async (ids: string[], { all: every = false }: { all?: boolean }, command: Command) => {
      if (every === ids.length > 0) return command.error('error: give the ids, or --all');
      const missing = await withDatabase(databaseSettings(env), terminal, async (pool) => {
        const wanted = every ? (await all(pool)).map(({ id }) => id) : [...new Set(ids)];
        const absent: string[] = [];
        for (const id of wanted) if (!(await replay(pool, id))) absent.push(id);
        terminal.out(`${counted(wanted.length - absent.length, 'dead letter')} put back to work.`);
        return absent;
      });
      // One that is gone from under --all was taken by somebody else, which is as good.
      if (missing.length > 0 && !every) throw new CommandError(`There is no dead letter ${missing.join(', nor ')}.`);
    });
}

async function all(pool: Pool): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDeadLetters(pool, { limit: PAGE, cursor });
    letters.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return letters;
}

function replay(pool: Pool, id: string): Promise<boolean> {
  return transaction(pool, async (client) => {
    const replayed = await replayEffect(client, registry, id);
    if (replayed) {
      const payload = { effect_id: id };
      await appendAudit(client, [{ action: 'console.dead_letters.replayed', payload, actor: ACTOR }]);
    }
    return replayed;
  });
}

function described({ id, src, attempts, error, finished_at }: DeadLetter): string {
  const at = finished_at.slice(0, 19).replace('T', ' ');
  return `${id}\n  ${src}, ${counted(attempts, 'try', 'tries')}, given up ${at} UTC: ${oneLine(reasonOf(error))}`;
}

const reasonOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error);
