import { Command } from 'commander';
import { type App, type Role, startApp } from './app/app.ts';
import { addCommands } from './commands/commands.ts';
import { ConfigError, readConfig } from './config/config.ts';
import { secretsOf } from './config/secrets.ts';
import { logConsole } from './log/console.ts';
import { createLog } from './log/log.ts';

/** The edge of the process: command line, signals, exit codes. */

const program = new Command('auto-ticketing')
  .description('Watches services and files exactly one FreeScout ticket when one degrades.')
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nWithout a command everything runs in this one process, with a sandbox for what is not configured.',
  );

program
  .command('start', { isDefault: true })
  .description('run everything in one process (the default)')
  .allowExcessArguments()
  .action((_options: unknown, command: Command) => {
    // Whatever is no command lands here, because this one is the default.
    const [unknown] = command.args;
    if (unknown !== undefined) program.error(`error: there is no command "${unknown}"`, { exitCode: 2 });
    return run('all');
  });
program
  .command('web')
  .description('serve the console; runs the effects of its own clicks')
  .action(() => run('web'));
program
  .command('worker')
  .description('check surfaces, file tickets, send messages')
  .action(() => run('worker'));
addCommands(program, { env: process.env });

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}

async function run(role: Role): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel, secrets: secretsOf(config) });
  logConsole(log);
  const say = (line: string) => process.stderr.write(`${line}\n`);

  let stop: () => Promise<void> = async () => undefined;
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A second signal means now.
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
      setTimeout(() => process.exit(0), 9_500).unref();
      void stop().then(() => process.exit(0));
    });
  }
  process.on('uncaughtException', (error) => {
    log.error({ err: error }, 'uncaught error; stopping');
    process.exit(1);
  });

  // Production never loads the sandbox.
  const startSandbox = config.production ? undefined : (await import('./sandbox/startSandbox.ts')).startSandbox;
  const app = await startApp({ config, role, log, say, stopping: stopping.signal, startSandbox });
  stop = app.stop;
  if (stopping.signal.aborted) return app.stop().then(() => process.exit(0));
  process.on('SIGHUP', () => {
    app.reload().then(
      () => log.info('surfaces file read again'),
      (error: unknown) => log.warn({ err: error }, 'surfaces file not read again; nothing was changed'),
    );
  });
  if (app.pages.length > 0) introduce(app.url, app.pages, say);
  else log.info({ url: app.url, role }, 'started');
}

function introduce(url: string | null, pages: App['pages'], say: (line: string) => void): void {
  say('');
  say(`  Console             ${url}/console/status`);
  for (const { name, url: address } of pages) say(`  ${name.padEnd(18)}  ${address}`);
  say('');
  say(
    '  Break a service on its page: within half a minute its tile turns red and a ticket and a direct message appear.',
  );
  say('  Stop with Ctrl-C. Everything is kept under the data folder.');
  say('');
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
