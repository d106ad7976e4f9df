import type { Command } from 'commander';
import type { Pool } from 'pg';
import { readSettings } from '../config/read.ts';
import { createSessions, type Sessions } from '../identity/sessions.ts';
import { type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import type { SessionRow } from '../model/people.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withDatabase } from './withDatabase.ts';

const PAGE = 200;
/** Who the audit log says it was. */
const ACTOR = 'command line';

/** `sessions`: who is signed in, and ending it. Both work while the program is down. */
export function addSessions(program: Command, { env, terminal }: CommandContext): void {
  const group = program.command('sessions').description('people who are signed in to the console');
  const { idleMinutes, maxHours } = readSettings(env).values.session;
  const work = <T>(task: (sessions: Sessions) => Promise<T>): Promise<T> =>
    withDatabase(databaseSettings(env), terminal, (pool: Pool) =>
      task(createSessions(pool, { idleMinutes, maxHours })),
    );

  group
    .command('list')
    .summary('list them')
    .description('Lists the sessions that are alive, newest first, each with its id.')
    .option('--json', 'as JSON, with everything that is known of each')
    .addHelpText('after', '\nExample:\n  auto-ticketing sessions list')
    .action(async ({ json = false }: { json?: boolean }) => {
      const sessions = await work(all);
      if (json) terminal.out(JSON.stringify(sessions, null, 2));
      else if (sessions.length === 0) terminal.out('Nobody is signed in.');
      else for (const session of sessions) terminal.out(described(session));
    });

  group
    .command('revoke')
    .summary('end them')
    .description(
      'Ends sessions at once, in every process. Their browsers have to sign in again, and get the role of then.',
    )
    .argument('[ID...]', 'as the list shows them')
    .option('--person <NAME>', 'every session of this person')
    .option('--all', 'every session there is')
    .addHelpText('after', '\nExample:\n  auto-ticketing sessions revoke --person ada@example.com')
    .action(async (ids: string[], options: { all?: boolean; person?: string }, command: Command) => {
      const { all: every = false, person } = options;
      const ways = [ids.length > 0, every, person !== undefined].filter(Boolean).length;
      if (ways !== 1) return command.error('error: give the ids, or --person, or --all');
      await work(async (sessions) => {
        if (ids.length === 0) return say(await sessions.revokeAll(person ?? null, ACTOR));
        const wanted = [...new Set(ids)];
        const absent: string[] = [];
        for (const id of wanted) if (!(await sessions.revoke(id, ACTOR))) absent.push(id);
        say(wanted.length - absent.length);
        if (absent.length > 0) throw new CommandError(`There is no session ${absent.join(', nor ')}.`);
      });
    });

  const say = (count: number): void => terminal.out(`${counted(count, 'session')} ended.`);
}

async function all(sessions: Sessions): Promise<SessionRow[]> {
  const rows: SessionRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await sessions.list({ limit: PAGE, cursor });
    rows.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

function described({ id, name, role, address, user_agent, signed_in_at, last_used_at }: SessionRow): string {
  const at = (instant: string) => instant.slice(0, 19).replace('T', ' ');
  const browser = `${address ?? 'an unknown address'} ${user_agent ?? ''}`;
  return oneLine(name)
    .concat(`, ${role}, session ${id}`)
    .concat(`\n  since ${at(signed_in_at)} UTC, last used ${at(last_used_at)} UTC, from ${oneLine(browser)}`);
}
