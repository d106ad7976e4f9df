import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Environment } from '../app/environment.ts';
import { readConfig } from '../config/config.ts';
import { createCleanups } from '../lib/cleanup.ts';
import type { CommandContext, Terminal } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';

/** `sandbox`: the simulated systems without a console, for a console that runs in production mode on the same machine. */
export function addSandbox(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('sandbox')
    .summary('run only the sandbox, to rehearse production against it')
    .description(
      'Runs a Postgres, a FreeScout, a Slack, services and an OpenID provider on this machine, without a console, until ' +
        'Ctrl-C. Writes the settings with which a console in production mode uses them; each start overwrites that file. ' +
        'Reads PORT, PUBLIC_URL and DATA_DIR; other settings are ignored.',
    )
    .option('--settings <file>', 'the file to write; it contains the keys of the sandbox', 'sandbox.env')
    .addHelpText('after', '\nExample:\n  auto-ticketing sandbox --settings rehearsal.env')
    .action(({ settings }: { settings: string }) => runSandbox(env, terminal, settings));
}

async function runSandbox(env: NodeJS.ProcessEnv, terminal: Terminal, file: string): Promise<void> {
  const { PORT, PUBLIC_URL, DATA_DIR } = env;
  const config = readConfig({ PORT, PUBLIC_URL, DATA_DIR, SANDBOX_SIGN_IN: '1' });
  const log = createLog({ level: 'warn' });
  const cleanups = createCleanups(log);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const stopped = once(stopping.signal, 'abort');
  const { startSandbox } = await import('../sandbox/startSandbox.ts');
  try {
    const start = { log, cleanups, say: terminal.err, stopping: stopping.signal };
    const environment = await startSandbox(config, start);
    const surfacesFile = resolve(config.dataDir, 'sandbox', 'surfaces.yaml');
    const writeSurfaces = () => writeFileSync(surfacesFile, environment.surfaces?.text() ?? '');
    mkdirSync(dirname(surfacesFile), { recursive: true });
    writeSurfaces();
    environment.surfaces?.onChange(writeSurfaces);
    writeFileSync(file, settingsFor(environment, surfacesFile), { mode: 0o600 });
    for (const { name, url } of environment.pages) terminal.err(`  ${name.padEnd(10)}  ${url}`);
    terminal.err(`The settings of a console in production mode are in ${file}. Stop with Ctrl-C.`);
    await stopped;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await cleanups.run();
  }
}

/** The text of a file of environment variables. */
function settingsFor({ config, databaseUrl }: Environment, surfacesFile: string): string {
  const { freescout, slack, oidc } = config;
  const settings = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: config.port,
    PUBLIC_URL: config.publicUrl,
    DATABASE_URL: databaseUrl,
    FREESCOUT_BASE_URL: freescout.baseUrl,
    FREESCOUT_API_KEY: freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: freescout.operationsMailboxId,
    FREESCOUT_SUPPORT_MAILBOX_ID: freescout.supportMailboxId,
    FREESCOUT_WEBHOOK_SECRET: freescout.webhookSecret,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_DM_USER_ID: slack.dmUserId,
    SLACK_API_URL: slack.apiUrl,
    SURFACES_FILE: surfacesFile,
    POLL_INTERVAL_SECONDS: config.surfaces.pollIntervalSeconds,
    OIDC_ISSUER_URL: oidc?.issuerUrl,
    OIDC_CLIENT_ID: oidc?.clientId,
    OIDC_CLIENT_SECRET: oidc?.clientSecret,
    OIDC_ROLE_MAP: oidc?.roleMap.map(({ group, role }) => `${group}:${role}`).join(),
    SESSION_SECRET: config.sessionSecret,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
