import type { Command } from 'commander';
import { registry } from '../app/machineRegistry.ts';
import { createMetrics } from '../app/metrics.ts';
import { createWiring } from '../app/wiring.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { readConfig } from '../config/config.ts';
import { secretsOf } from '../config/secrets.ts';
import { createFlags } from '../flags/flags.ts';
import { type CommandContext, CommandError } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { createSlack } from '../notify/slack/messenger.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { createFreeScout } from '../tickets/freescout/client.ts';
import { createRefresh } from '../tickets/refresh.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withDatabase, withServer } from './withDatabase.ts';

const SAYS: Record<string, string> = {
  looked: 'FreeScout was compared.',
  cut_short: 'FreeScout was compared in part: run it again to go on.',
  failing: 'FreeScout was not asked, because it is failing.',
  failed: 'FreeScout could not be compared: see "auto-ticketing doctor".',
  not_configured: 'FreeScout is not configured here, so only the database was compared.',
};

/** `reconcile`: one run of what is done each minute, at once. */
export function addReconcile(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('reconcile')
    .summary('compare what fails, what was intended and what stands in FreeScout, and put right what does not fit')
    .description(
      'Does once what a worker does each minute: sets stuck actors going, takes in tickets that turned up late, puts ' +
        'back lost tags, and reports two tickets for one. Files nothing by itself and deletes nothing; what it sets ' +
        'going is carried out by a worker.',
    )
    .option('--json', 'as JSON: {"took_ms","desk","did":{…}}')
    .addHelpText('after', '\nExample:\n  auto-ticketing reconcile')
    .action(async ({ json = false }: { json?: boolean }) => {
      const config = readConfig(env);
      const log = createLog({ level: 'silent', secrets: secretsOf(config) });
      const settings = databaseSettings(env);
      const run = await withServer(settings, terminal, (databaseUrl) =>
        withDatabase({ ...settings, url: databaseUrl }, terminal, (pool) => {
          const desk = createFreeScout(config.freescout, { log });
          const flags = createFlags(pool, config.flags, { audit: appendAudit });
          const messenger = createSlack(config.slack, { log });
          const metrics = createMetrics(pool);
          const parts = { pool, databaseUrl, config, registry, desk, messenger, flags, log, metrics };
          return createReconciler({
            ...parts,
            deliver: createWiring(parts).host.deliver,
            refresh: createRefresh({ pool, desk, log }),
            isAutoTicketOn: () => flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
            settings: { ...config.freescout, silentAfterMinutes: config.alertSilentAfterMinutes },
            onDone: () => undefined,
          }).run();
        }),
      );
      if (run === null) throw new CommandError('A run is under way already: try again in a few seconds.');
      if (json) return terminal.out(JSON.stringify(run, null, 2));
      const did = Object.entries(run.did);
      for (const [what, times] of did) terminal.out(`${what.replaceAll('_', ' ')}: ${times}`);
      if (did.length === 0) terminal.out('Everything fits together.');
      terminal.out(SAYS[run.desk] ?? run.desk);
    });
}
