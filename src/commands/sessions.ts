import type { Command } from 'commander';
import { readSettings } from '../config/read.ts';
import { createSessions, type Sessions } from '../identity/sessions.ts';
import { asJson, type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import type { SessionRow } from '../model/people.ts';
import { allRows } from './allRows.ts';
import { AUDIT_ACTOR } from './auditActor.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withMigratedDatabase } from './withDatabase.ts';

interface RevokeOptions {
  all?: boolean;
  person?: string;
}

/** `sessions`: lists and revokes the sessions of people. Works while the program is down. */
export function addSessions(program: Command, context: CommandContext): void {
  const group = program.command('sessions').description('people who are signed in to the console');
  addList(group, context);
  addRevoke(group, context);
}

function addList(group: Command, context: CommandContext): void {
  group
    .command('list')
    .summary('list the active sessions')
    .description('Lists the active sessions, newest first, each with its id.')
    .option('--json', 'as JSON, with all fields')
    .addHelpText('after', '\nExample:\n  auto-ticketing sessions list')
    .action(async ({ json = false }: { json?: boolean }) => {
      const rows = await withSessions(context, (sessions) => allRows((page) => sessions.list(page)));
      const { terminal } = context;
      if (json) terminal.out(asJson(rows));
      else if (rows.length === 0) terminal.out('Nobody is signed in.');
      else for (const row of rows) terminal.out(described(row));
    });
}

function addRevoke(group: Command, context: CommandContext): void {
  group
    .command('revoke')
    .summary('end sessions')
    .description(
      'Ends sessions at once, in every process. The people have to sign in again and get the role that they have then.',
    )
    .argument('[ID...]', 'as shown by "list"')
    .option('--person <NAME>', 'all sessions of the person who has this name or subject, or had it before')
    .option('--all', 'all sessions')
    .addHelpText('after', '\nExample:\n  auto-ticketing sessions revoke --person ada@example.com')
    .action(async (ids: string[], { all = false, person }: RevokeOptions, command: Command) => {
      const selections = [ids.length > 0, all, person !== undefined].filter(Boolean).length;
      if (selections !== 1) return command.error('error: name either ids, or --person, or --all');
      const printEnded = (count: number) => context.terminal.out(`${counted(count, 'session')} ended.`);
      await withSessions(context, async (sessions) => {
        if (all) return printEnded(await sessions.revokeAll(AUDIT_ACTOR));
        if (person !== undefined) {
          const { people, ended } = await sessions.revokePerson(person, AUDIT_ACTOR);
          for (const { names, issuer, subject } of people) {
            context.terminal.out(oneLine(`${names.join(', also ')}: subject ${subject} of ${issuer}`));
          }
          return printEnded(ended);
        }
        const unknown: string[] = [];
        const wanted = new Set(ids);
        for (const id of wanted) if (!(await sessions.revoke(id, AUDIT_ACTOR))) unknown.push(id);
        printEnded(wanted.size - unknown.length);
        if (unknown.length > 0) throw new CommandError(`There is no session ${unknown.join(' or ')}.`);
      });
    });
}

function withSessions<T>({ env, terminal }: CommandContext, task: (sessions: Sessions) => Promise<T>): Promise<T> {
  const { idleMinutes, maxHours } = readSettings(env).values.session;
  return withMigratedDatabase(databaseSettings(env), terminal, (pool) =>
    task(createSessions(pool, { idleMinutes, maxHours })),
  );
}

function described({ id, name, role, address, user_agent, signed_in_at, last_used_at }: SessionRow): string {
  const at = (instant: string) => `${instant.slice(0, 19).replace('T', ' ')} UTC`;
  const browser = oneLine(`${address ?? 'an unknown address'} ${user_agent ?? ''}`);
  const times = `since ${at(signed_in_at)}, last used ${at(last_used_at)}`;
  return `${oneLine(name)}, ${role}, session ${id}\n  ${times}, from ${browser}`;
}
