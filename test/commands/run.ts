import { Command } from 'commander';
import { addCommands } from '../../src/commands/commands.ts';

export interface CommandResult {
  out: string[];
  err: string[];
  /** The message of the error with which the command failed; null if it succeeded. */
  failure: string | null;
}

/** Runs one command in this process, with these environment variables only. */
export async function run(args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  const result: CommandResult = { out: [], err: [], failure: null };
  const program = new Command('auto-ticketing');
  const terminal = {
    out: (line: string) => void result.out.push(line),
    err: (line: string) => void result.err.push(line),
  };
  addCommands(program, { env, terminal });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    result.failure = error instanceof Error ? error.message : String(error);
  }
  return result;
}
