import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addCommands } from '../../src/commands/commands.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

class Exit extends Error {}

afterEach(() => void vi.restoreAllMocks());

/** Runs the whole command line; returns the status with which the process would exit, and its output. */
async function exitOf(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const output = { out: [] as string[], err: [] as string[] };
  const program = new Command('auto-ticketing').configureOutput({
    writeOut: (text) => void output.out.push(text),
    writeErr: (text) => void output.err.push(text),
  });
  program.command('start', { isDefault: true }).action(() => undefined);
  addCommands(program, { env: {} });
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Exit();
  });
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Exit)) throw error;
  });
  return { code: exit.mock.calls[0]?.[0], out: output.out.join(''), err: output.err.join('') };
}

it('--version prints the version of package.json and exits with 0', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  expect(await exitOf('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

describe('the process exits with 2 and a reason', () => {
  it.each([
    ['an unknown command', ['nonsense']],
    ['an unknown option', ['doctor', '--nonsense']],
    ['an unknown drill', ['drill', 'nonsense']],
    ['a missing argument', ['customers', 'import']],
    ['no file to check', ['surfaces', 'check']],
    ['neither ids nor --all', ['dead-letters', 'replay']],
    ['no session to end', ['sessions', 'revoke']],
    ['two ways to name sessions', ['sessions', 'revoke', '--all', '--person', 'ada']],
    ['both ids and --all', ['dead-letters', 'replay', 'alert:a:1', '--all']],
    ['an unknown kind', ['dead-letters', 'list', '--kind', 'letter']],
    ['no reason to discard for', ['dead-letters', 'discard', 'alert:a:1']],
  ])('for %s', async (_, args) => {
    expect(await exitOf(...args)).toEqual({ code: 2, out: '', err: expect.stringMatching(/^error: /) });
  });
});

/** Each command that does something, by its words. */
const commandsOf = (command: Command, words: string[] = []): string[] =>
  command.commands.length === 0
    ? [words.join(' ')]
    : command.commands.flatMap((each) => commandsOf(each, [...words, each.name()]));

const everyCommand = new Command();
addCommands(everyCommand, { env: {} });

describe.each(commandsOf(everyCommand))('%s --help', (command) => {
  it('exits with 0 and shows an example', async () => {
    const { code, out } = await exitOf(...command.split(' '), '--help');
    expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`Example[^]*auto-ticketing ${command}`))]);
  });
});
