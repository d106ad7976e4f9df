import type { Pool } from 'pg';
import type { Deliver } from '../../src/actors/deliver.ts';
import { createRegistry, type MachineEntry } from '../../src/actors/registry.ts';
import { addDatabaseGauges } from '../../src/app/databaseGauges.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { createWiring } from '../../src/app/wiring.ts';
import { appendAudit } from '../../src/audit/auditLog.ts';
import type { Config } from '../../src/config/config.ts';
import { CHANNELS } from '../../src/db/channels.ts';
import { createDatabaseClock } from '../../src/db/databaseClock.ts';
import { startListener } from '../../src/db/listen.ts';
import { createPool } from '../../src/db/pool.ts';
import { createFlags } from '../../src/flags/flags.ts';
import { createLog } from '../../src/log/log.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';
import { createInvestigate } from '../../src/surfaces/investigate.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { trustedClock } from './trustedClock.ts';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/**
 * What one process runs except for its HTTP server, with workers for all jobs, or as a web process has them. `lines`
 * receives its log, `wrap` may change its FreeScout client, and `entries` are the machines of its release.
 */
export function startProcess(
  config: Config,
  url: string,
  lines: Record<string, unknown>[],
  wrap: (desk: HelpDesk) => HelpDesk = (desk) => desk,
  entries: readonly MachineEntry[] = machines,
  share: 'urgent' | 'all' = 'all',
) {
  const log = createLog({
    level: config.logLevel,
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  const pool = createPool(url, config.database.poolSize, log, { connectMs: WAIT_TIMEOUT_MS, keepsPlans: true });
  const metrics = createMetrics();
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  addDatabaseGauges(metrics.registry, { pool, flags, ...config.surfaces, readMs: WAIT_TIMEOUT_MS });
  const desk = wrap(createFreeScout(config.freescout, { log }));
  const registry = createRegistry(entries);
  const clock = createDatabaseClock(pool, log);
  const pipeline = createWiring({
    pool,
    databaseUrl: url,
    clock: { ...clock, ...trustedClock },
    config,
    registry,
    desk,
    messenger: createSlack(config.slack, { log }),
    flags,
    log,
    metrics,
    // The processes of a test share one event loop with the test.
    isBusy: () => false,
  });
  const listener = startListener(url, CHANNELS, log);
  clock.start();
  pipeline.host.start(share);
  let stopped = false;
  return {
    ...pipeline,
    metrics,
    deliver: pipeline.host.deliver,
    flags,
    pool,
    helpDesk: desk,
    investigate: createInvestigate({
      pool,
      deliver: pipeline.host.deliver,
      listener,
      ownAnswers: pipeline.ownAnswers,
      readAhead: pipeline.policy,
      isEnabled: () => flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
      statusOf: (id) => statusOf(pool, id),
    }),
    /** Reports check results as the poller does. One is enough to change the status. */
    check: (id: string, ...outcomes: ('up' | 'slow' | 'down')[]) => check(pipeline.host.deliver, id, outcomes),
    /** Sends an alert from the source "monitor". */
    fire: (id: string, more: Partial<EmissionInput> = {}) =>
      pipeline.aggregator.ingest('monitor', [{ ...emission(id), ...more }]),
    resolve: (...ids: string[]) =>
      pipeline.aggregator.ingest(
        'monitor',
        ids.map((id) => ({ ...emission(id), status: 'resolved' })),
      ),
    async stop(): Promise<void> {
      if (stopped) return;
      stopped = true;
      clock.stop();
      await pipeline.host.stop(100);
      await listener.stop();
      await pool.end();
    },
  };
}

const emission = (id: string): EmissionInput => ({
  alert_id: id,
  severity: 'P1',
  status: 'firing',
  title: `Trouble with ${id}`,
});

async function statusOf(pool: Pool, id: string): Promise<string | null> {
  const { rows } = await pool.query<{ status: string }>(
    "select snapshot->'context'->>'status' as status from actors where id = $1",
    [`surface:${id}`],
  );
  return rows[0]?.status ?? null;
}

async function check(deliver: Deliver, id: string, outcomes: string[]) {
  for (const outcome of outcomes) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: 'P3', down: 'P1' } };
    await deliver([
      { to: `surface:${id}`, event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy } },
    ]);
  }
}
