import { Command } from 'commander';
import { addCommands } from '../../src/commands/commands.ts';

export interface Ran {
  out: string[];
  err: string[];
  /** What the edge of the process would print before it exits with 1; null where the command did what it was asked. */
  failure: string | null;
}

/** Runs one command in this process, with these settings and no others. */
export async function run(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const ran: Ran = { out: [], err: [], failure: null };
  const program = new Command('auto-ticketing');
  const terminal = { out: (line: string) => void ran.out.push(line), err: (line: string) => void ran.err.push(line) };
  addCommands(program, { env, terminal });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    ran.failure = error instanceof Error ? error.message : String(error);
  }
  return ran;
}
