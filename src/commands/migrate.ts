import type { Command } from 'commander';
import { migrateAsOwner } from '../app/migrateAsOwner.ts';
import type { CommandContext, Terminal } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withDatabaseUrl } from './withDatabase.ts';

/** `migrate`: the release step. */
export function addMigrate(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('migrate')
    .summary('migrate the database to the schema of this release')
    .description(
      'Migrates the database to the schema of this release. It can be repeated, and run while other processes run. ' +
        'With DATABASE_OWNER_URL it does so as the role that owns the tables, and gives the roles of DATABASE_URL and ' +
        'DATABASE_READER_URL their rights. Without DATABASE_URL, outside production, it migrates the embedded database in DATA_DIR.',
    )
    .addHelpText('after', '\nExample, as the release step of a deploy:\n  auto-ticketing migrate')
    .action(async () => {
      const steps: string[] = [];
      const settings = databaseSettings(env);
      const options = { auditDays: settings.auditDays, log: logInto(steps, terminal) };
      const { setting } = settings;
      const roles = await withDatabaseUrl(settings, terminal, (url) =>
        migrateAsOwner({ url, setting }, settings, options),
      );
      terminal.out(
        steps.length === 0 ? 'The database is up to date.' : `The database was migrated: ${steps.join(', ')}.`,
      );
      if (roles.length > 0) terminal.out(`The rights of ${roles.join(' and ')} are up to date.`);
    });
}

/** Collects the steps that the migration logs, and prints what else it says. */
function logInto(steps: string[], terminal: Terminal) {
  const write = (line: string): void => {
    const entry: { msg: string; steps?: string[] } = JSON.parse(line);
    if (entry.steps === undefined) terminal.err(entry.msg);
    else steps.push(...entry.steps);
  };
  return createLog({ level: 'info', destination: { write } });
}
