import type { Command } from 'commander';
import { migrate } from '../db/migrate.ts';
import type { CommandContext, Terminal } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withServer } from './withDatabase.ts';

/** `migrate`: the release step. */
export function addMigrate(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('migrate')
    .summary('bring the database to the schema of this release')
    .description(
      'Brings the database to the schema of this release. Safe to run again, and while others run. ' +
        'Without DATABASE_URL it is the embedded database under DATA_DIR, outside production only.',
    )
    .addHelpText('after', '\nExample, as the release step of a deploy:\n  auto-ticketing migrate')
    .action(async () => {
      const steps: string[] = [];
      await withServer(databaseSettings(env), terminal, (url) => migrate(url, logInto(steps, terminal)));
      terminal.out(
        steps.length === 0
          ? 'The database has this schema already; nothing was done.'
          : `The database is migrated: ${steps.join(', ')}.`,
      );
    });
}

/** Hears from the log which steps were taken, and passes on what is a warning. */
function logInto(steps: string[], terminal: Terminal) {
  const write = (line: string): void => {
    const entry: { level: string; msg: string; steps?: string[] } = JSON.parse(line);
    steps.push(...(entry.steps ?? []));
    if (entry.level !== 'INFO') terminal.err(entry.msg);
  };
  return createLog({ level: 'info', destination: { write } });
}
