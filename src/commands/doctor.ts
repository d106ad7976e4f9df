import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { secretsOf } from '../config/secrets.ts';
import { type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import { checkDatabase } from './doctor/database.ts';
import { type Finding, fail } from './doctor/finding.ts';
import { checkFreeScout } from './doctor/freescout.ts';
import { checkSettings } from './doctor/settings.ts';
import { checkSignIn } from './doctor/signIn.ts';
import { checkSlack } from './doctor/slack.ts';
import { checkSurfaces } from './doctor/surfaces.ts';

/** `doctor`: is everything set up, and does everything that is configured answer? */
export function addDoctor(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('doctor')
    .summary('check the settings and everything they point to')
    .description(
      'Checks the settings and everything they point to: database, FreeScout, Slack, surfaces file, sign-in provider. ' +
        'Files no ticket, sends no message, changes nothing. Ends with 0 only when nothing fails.',
    )
    .option('--json', 'as JSON: {"ok","checks":[{"check","state","says"}]}')
    .addHelpText(
      'after',
      '\nA line is ok, WARN (works, but look at it) or FAIL (does not work; the sentence says what to do).\n\n' +
        'Example:\n  auto-ticketing doctor',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const findings = await examine(env);
      const failed = findings.filter(({ state }) => state === 'FAIL').length;
      if (json) terminal.out(JSON.stringify({ ok: failed === 0, checks: findings }, null, 2));
      else for (const line of aligned(findings)) terminal.out(line);
      if (failed > 0) throw new CommandError(`${counted(failed, 'check')} of ${findings.length} failed.`);
      if (!json) terminal.out('Nothing fails.');
    });
}

async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { findings, config } = checkSettings(env);
  if (config === null) return findings.map(harmless([]));
  // Where faulty settings were left out, the rest was read as if for this machine.
  const production = env.NODE_ENV?.trim() === 'production';
  const groups = await Promise.all([
    guarded('database', checkDatabase(config, production)),
    guarded('FreeScout', checkFreeScout(config.freescout, production)),
    guarded('Slack', checkSlack(config.slack, production)),
    guarded('surfaces file', checkSurfaces(config.surfaces, production)),
    guarded('sign-in provider', checkSignIn(config, production)),
  ]);
  return [...findings, ...groups.flat()].map(harmless(secretsIn(config)));
}

/** One check that trips must not keep the others from being told. */
async function guarded(check: string, running: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await running;
  } catch (error) {
    return [fail(check, `This could not be checked: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

/** Foreign words may stand in a sentence, and a server may echo what it was sent. */
const harmless =
  (secrets: readonly string[]) =>
  ({ says, ...finding }: Finding): Finding => ({
    ...finding,
    says: secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), oneLine(says)),
  });

const SHORTEST_HIDDEN = 8;
const secretsIn = (config: Config): string[] => secretsOf(config).filter(({ length }) => length >= SHORTEST_HIDDEN);

function aligned(findings: Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.map(({ state, check, says }) => `${state.padEnd(4)}  ${check.padEnd(width)}  ${says}`);
}
