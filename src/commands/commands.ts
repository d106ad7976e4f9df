import type { Command } from 'commander';
import { packageVersion } from '../lib/packageVersion.ts';
import type { Terminal } from '../lib/terminal.ts';
import { addAudit } from './audit.ts';
import { addCustomers } from './customers.ts';
import { addDeadLetters } from './deadLetters.ts';
import { addDoctor } from './doctor.ts';
import { addDrill } from './drill.ts';
import { addMigrate } from './migrate.ts';
import { addReconcile } from './reconcile.ts';
import { addReplay } from './replay.ts';
import { addSandbox } from './sandbox.ts';
import { addSessions } from './sessions.ts';
import { addSurfaces } from './surfaces.ts';

const USAGE_ERROR = 2;

const processTerminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

/**
 * Adds all commands except those that run the program. A command that fails throws an error whose message says what to
 * do. A command line that is wrong ends the process with status 2.
 */
export function addCommands(
  program: Command,
  { env, terminal = processTerminal }: { env: NodeJS.ProcessEnv; terminal?: Terminal },
): void {
  const exit = ({ exitCode }: { exitCode: number }): never => process.exit(exitCode === 0 ? 0 : USAGE_ERROR);
  for (const command of [program, ...program.commands]) command.exitOverride(exit);
  program.version(packageVersion(), '--version', 'print the version');
  const context = { env, terminal };
  addMigrate(program, context);
  addDoctor(program, context);
  addDrill(program, context);
  addSandbox(program, context);
  addCustomers(program, context);
  addSurfaces(program, context);
  addDeadLetters(program, context);
  addReconcile(program, context);
  addReplay(program, context);
  addSessions(program, context);
  addAudit(program, context);
}
