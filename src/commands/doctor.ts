import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { secretsOf } from '../config/secrets.ts';
import { asJson, type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import { createNames } from '../net/names.ts';
import { createOutgoing } from '../net/outgoing.ts';
import { checkDatabase } from './doctor/database.ts';
import { type Finding, fail } from './doctor/finding.ts';
import { checkFreeScout } from './doctor/freescout.ts';
import { checkOutgoing } from './doctor/outgoing.ts';
import { checkSettings } from './doctor/settings.ts';
import { checkSignIn } from './doctor/signIn.ts';
import { checkSlack } from './doctor/slack.ts';
import { checkSurfaces } from './doctor/surfaces.ts';

/** `doctor`: checks the settings and every system that they name. */
export function addDoctor(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('doctor')
    .summary('check the settings and every system that they name')
    .description(
      'Checks the settings, the database and what is stored in it (audit log, sources of alerts), FreeScout, Slack, the ' +
        'surfaces file and the sign-in provider. Files no ticket, sends no message, changes nothing. The exit status is 0 ' +
        'if no check fails.',
    )
    .option('--json', 'as JSON: {"ok","checks":[{"check","state","says"}]}')
    .addHelpText(
      'after',
      '\nEach line is ok, WARN (works, but needs attention) or FAIL (does not work; the sentence says what to do).\n\n' +
        'Example:\n  auto-ticketing doctor',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const findings = await runChecks(env);
      const failed = findings.filter(({ state }) => state === 'FAIL').length;
      if (json) terminal.out(asJson({ ok: failed === 0, checks: findings }));
      else for (const line of aligned(findings)) terminal.out(line);
      if (failed > 0) throw new CommandError(`${counted(failed, 'check')} of ${findings.length} failed.`);
      if (!json) terminal.out('No check failed.');
    });
}

async function runChecks(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { findings, config } = checkSettings(env);
  const { production } = config;
  const names = createNames({ servers: config.dnsServers });
  const outgoing = createOutgoing(config.outgoing, names);
  const groups = await Promise.all([
    Promise.resolve(checkOutgoing(config)),
    orFailure('database', checkDatabase(config, production, env)),
    orFailure('FreeScout', checkFreeScout(config.freescout, production, outgoing, config.ignored)),
    orFailure(
      'Slack',
      checkSlack(config.slack, production, outgoing, { ignored: config.ignored, surfacesFile: config.surfaces.file }),
    ),
    orFailure('surfaces file', checkSurfaces(config.surfaces, production)),
    orFailure('sign-in provider', checkSignIn(config, production, outgoing)),
  ]);
  names.close();
  const secrets = secretsToHide(config);
  return [...findings, ...groups.flat()].map((finding) => printable(finding, secrets));
}

/** An unexpected error in one check must not hide the findings of the others. */
async function orFailure(check: string, running: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await running;
  } catch (error) {
    return [fail(check, `The check failed: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

/** A sentence may quote a server, which may echo a secret that it was sent. */
function printable({ says, ...finding }: Finding, secrets: readonly string[]): Finding {
  return { ...finding, says: secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), oneLine(says)) };
}

// Shorter texts would also be hidden where they are parts of words.
const SHORTEST_HIDDEN = 8;
const secretsToHide = (config: Config): string[] => secretsOf(config).filter(({ length }) => length >= SHORTEST_HIDDEN);

function aligned(findings: Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.map(({ state, check, says }) => `${state.padEnd(4)}  ${check.padEnd(width)}  ${says}`);
}
