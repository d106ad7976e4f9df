import { Command } from 'commander';
import { type App, startApp } from './app/app.ts';
import type { Role } from './app/environment.ts';
import { addCommands } from './commands/commands.ts';
import { type Config, ConfigError, readConfig } from './config/config.ts';
import { type LiveConfig, withLiveSecrets } from './config/liveSecrets.ts';
import { secretsOf } from './config/secrets.ts';
import { createOutageReport } from './db/outageReport.ts';
import { packageVersion } from './lib/packageVersion.ts';
import { logConsole } from './log/console.ts';
import { createLog, type Log } from './log/log.ts';
import { registerSecrets } from './log/secretTexts.ts';

/** The edge of the process: command line, signals, exit codes. */

/** A platform kills the process 10 seconds after SIGTERM. */
const STOP_WITHIN_MS = 9_500;

const program = new Command('auto-ticketing')
  .description('Watches services and files exactly one FreeScout ticket when one degrades.')
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nWithout a command, everything runs in this process, with a sandbox for the parts that are not configured.',
  );

program
  .command('start', { isDefault: true })
  .description('run everything in one process (the default command)')
  .allowExcessArguments()
  .action((_options: unknown, command: Command) => {
    // This command is the default, so an unknown command arrives here as its argument.
    const [unknown] = command.args;
    if (unknown !== undefined) program.error(`error: there is no command "${unknown}"`, { exitCode: 2 });
    return run('all');
  });
program
  .command('web')
  .description('serve the console, accept alerts, and file the tickets of clicks and single alerts')
  .action(() => run('web'));
program
  .command('worker')
  .description('check surfaces, process stored requests of senders, file tickets, send messages, delete expired data')
  .action(() => run('worker'));
addCommands(program, { env: process.env });

try {
  await program.parseAsync();
} catch (error) {
  print(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function run(role: Role): Promise<void> {
  const read = () => readConfig(process.env, { console: role !== 'worker' });
  const live = withLiveSecrets(read());
  const { config } = live;
  const outageReport = createOutageReport();
  const log = createLog({ level: config.logLevel, secrets: secretsOf(config), replaces: outageReport.replaces });
  logConsole(log);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught error; stopping');
    process.exit(1);
  });
  const stopping = abortOnSignal();
  let started: App | null = null;
  let reloadsOnceStarted = false;
  // Handled from the beginning, because the start may wait for the database and Node ends a process that does not.
  process.on('SIGHUP', () => {
    reloadSecrets(live, read, log);
    if (started) reloadSurfaces(started, log);
    else reloadsOnceStarted = true;
  });

  // Production never loads the sandbox.
  const startSandbox = config.production ? undefined : (await import('./sandbox/startSandbox.ts')).startSandbox;
  const app = await startApp({ config, role, log, say: print, stopping, startSandbox, outageReport }).catch(
    (error: unknown) => {
      if (!stopping.aborted) throw error;
      // Start-up was interrupted by a signal and has cleaned up.
      log.debug({ err: error }, 'stopped while starting');
      process.exit(0);
    },
  );
  const stop = () => void app.stop().then(() => process.exit(0));
  if (stopping.aborted) return stop();
  stopping.addEventListener('abort', stop);
  started = app;
  if (reloadsOnceStarted) reloadSurfaces(app, log);
  if (app.pages.length > 0) printAddresses(app);
  else log.info({ url: app.url, role, version: packageVersion() }, 'started');
}

/**
 * Aborts at the first signal. The process then has to clean up and exit; it exits with 0 anyway before the platform
 * would kill it, and with 1 at a second signal.
 */
function abortOnSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
      setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    });
  }
  return stopping.signal;
}

/** Secrets in files may have been replaced; the environment of a process does not change. */
function reloadSecrets(live: LiveConfig, read: () => Config, log: Log): void {
  try {
    const next = read();
    registerSecrets(secretsOf(next));
    const { inForce, needRestart } = live.replace(next);
    if (inForce.length > 0) log.info({ settings: inForce }, 'secrets reloaded');
    if (needRestart.length > 0) log.warn({ settings: needRestart }, 'secrets changed that need a restart');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.warn({ errors: error.errors }, 'secrets could not be reloaded; nothing was changed');
  }
}

function reloadSurfaces(app: App, log: Log): void {
  app.reload().then(
    () => log.info('surfaces file reloaded'),
    (error: unknown) => log.warn({ err: error }, 'surfaces file could not be reloaded; nothing was changed'),
  );
}

function printAddresses({ url, pages }: App): void {
  print('');
  print(`  Auto-Ticketing ${packageVersion()}`);
  print(`  Console             ${url}/console/status`);
  for (const page of pages) print(`  ${page.name.padEnd(18)}  ${page.url}`);
  print('');
  print(
    '  Break a service on its page: within half a minute its tile turns red, and a ticket and a direct message appear.',
  );
  print('  Stop with Ctrl-C. All data is stored in the data folder.');
  print('');
}

/** To stderr, because the log has stdout. */
function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
