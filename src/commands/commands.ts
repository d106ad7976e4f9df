import type { Command } from 'commander';
import type { Terminal } from '../lib/terminal.ts';
import { addCustomers } from './customers.ts';
import { addDeadLetters } from './deadLetters.ts';
import { addDoctor } from './doctor.ts';
import { addDrill } from './drill.ts';
import { addMigrate } from './migrate.ts';
import { addReconcile } from './reconcile.ts';
import { addSessions } from './sessions.ts';
import { addSurfaces } from './surfaces.ts';

const USAGE_FAULT = 2;

const standard: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

/**
 * Adds everything that is not the running program itself. A command that fails throws, and its message says to a
 * person what to do; one that was called wrongly ends the process with status 2.
 */
export function addCommands(
  program: Command,
  { env, terminal = standard }: { env: NodeJS.ProcessEnv; terminal?: Terminal },
): void {
  const onExit = ({ exitCode }: { exitCode: number }): never => process.exit(exitCode === 0 ? 0 : USAGE_FAULT);
  for (const command of [program, ...program.commands]) command.exitOverride(onExit);
  const context = { env, terminal };
  addMigrate(program, context);
  addDoctor(program, context);
  addDrill(program, context);
  addCustomers(program, context);
  addSurfaces(program, context);
  addDeadLetters(program, context);
  addReconcile(program, context);
  addSessions(program, context);
}
