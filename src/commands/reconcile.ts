import type { Command } from 'commander';
import { registry } from '../app/machineRegistry.ts';
import { createMetrics } from '../app/metrics.ts';
import { createWiring } from '../app/wiring.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { readConfig } from '../config/config.ts';
import { secretsOf } from '../config/secrets.ts';
import { UNWATCHED } from '../db/databaseClock.ts';
import { createFlags } from '../flags/flags.ts';
import { asJson, type CommandContext, CommandError } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { createNames } from '../net/names.ts';
import { createOutgoing } from '../net/outgoing.ts';
import { createSlack } from '../notify/slack/messenger.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { createFreeScout } from '../tickets/freescout/client.ts';
import { createRefresh } from '../tickets/refresh.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withDatabaseUrl, withMigratedDatabase } from './withDatabase.ts';

const FREESCOUT_RESULT: Record<string, string> = {
  looked: 'FreeScout was compared.',
  cut_short: 'FreeScout was compared in part: run the command again to continue.',
  failing: 'FreeScout was not compared, because it is failing.',
  failed: 'FreeScout could not be compared: see "auto-ticketing doctor".',
  not_configured: 'FreeScout is not configured, so only the database was checked.',
};

/** `reconcile`: one run of the reconciler, which a worker runs each minute. */
export function addReconcile(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('reconcile')
    .summary('compare actors, filings and FreeScout once, and repair discrepancies')
    .description(
      'Runs the reconciler once, as a worker does each minute: restarts stuck actors, adopts tickets that appeared late, ' +
        'restores lost tags, and reports duplicate tickets. It neither files nor deletes tickets; a worker runs the ' +
        'effects that it restarts.',
    )
    .option('--json', 'as JSON: {"took_ms","desk","did":{…}}')
    .addHelpText('after', '\nExample:\n  auto-ticketing reconcile')
    .action(async ({ json = false }: { json?: boolean }) => {
      const run = await runReconciler({ env, terminal });
      if (run === null) throw new CommandError('The reconciler is already running: try again in a few seconds.');
      if (json) return terminal.out(asJson(run));
      const repairs = Object.entries(run.did);
      for (const [repair, times] of repairs) terminal.out(`${repair.replaceAll('_', ' ')}: ${times}`);
      if (repairs.length === 0) terminal.out('No discrepancies found.');
      terminal.out(FREESCOUT_RESULT[run.desk] ?? run.desk);
    });
}

/** null while another run is in progress. */
function runReconciler({ env, terminal }: CommandContext) {
  const config = readConfig(env, { console: false });
  const log = createLog({ level: 'silent', secrets: secretsOf(config) });
  const settings = databaseSettings(env);
  return withDatabaseUrl(settings, terminal, (databaseUrl) =>
    withMigratedDatabase({ ...settings, url: databaseUrl }, terminal, (pool) => {
      const outgoing = createOutgoing(config.outgoing, createNames({ servers: config.dnsServers }));
      const desk = createFreeScout(config.freescout, { log, outgoing });
      const flags = createFlags(pool, config.flags, { audit: appendAudit });
      const messenger = createSlack(config.slack, { log, outgoing });
      const metrics = createMetrics();
      const clock = UNWATCHED;
      const parts = { pool, databaseUrl, clock, config, registry, desk, messenger, flags, log, metrics };
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
}
