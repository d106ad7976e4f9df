import type { Pool } from 'pg';
import { startWebhookConsumer } from '../../../src/alerts/webhooks/consumer.ts';
import { createAdapters } from '../../../src/app/adapters.ts';
import { registry } from '../../../src/app/machineRegistry.ts';
import { createMetrics } from '../../../src/app/metrics.ts';
import { createWiring } from '../../../src/app/wiring.ts';
import { appendAudit } from '../../../src/audit/auditLog.ts';
import type { Config } from '../../../src/config/config.ts';
import { CHANNELS } from '../../../src/db/channels.ts';
import { UNWATCHED } from '../../../src/db/databaseClock.ts';
import { startListener } from '../../../src/db/listen.ts';
import { createPool } from '../../../src/db/pool.ts';
import { createFlags } from '../../../src/flags/flags.ts';
import type { Log } from '../../../src/log/log.ts';
import { createNames } from '../../../src/net/names.ts';
import { createOutgoing } from '../../../src/net/outgoing.ts';
import { parseSurfaces } from '../../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../../src/surfaces/sync.ts';
import { MAPPED, MAPPING } from './inputs.ts';

const CONNECTIONS = 12;

/** Takes the alerts of stored requests, as a worker does. Nothing is sent about them. */
export async function startConsumer(config: Config, databaseUrl: string, log: Log): Promise<{ stop(): Promise<void> }> {
  const pool = createPool(databaseUrl, CONNECTIONS, log);
  await declareMapping(pool);
  const metrics = createMetrics();
  const names = createNames({ servers: config.dnsServers });
  const outgoing = createOutgoing(config.outgoing, names);
  const { desk, messenger } = createAdapters({ config, log, metrics, outgoing });
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  const { intake, sources } = createWiring({
    ...{ pool, databaseUrl, clock: UNWATCHED, config, registry, desk, messenger, flags, log, metrics },
  });
  const listener = startListener(databaseUrl, CHANNELS, log);
  const consumer = startWebhookConsumer({
    ...{ pool, intake, listener, settingsOf: sources.settings, onFinished: () => undefined },
    warn: (facts, message) => log.error(facts, message),
  });
  return {
    async stop() {
      await consumer.stop();
      await listener.stop();
      names.close();
      await pool.end();
    },
  };
}

/** The surfaces stay as they are. */
async function declareMapping(pool: Pool): Promise<void> {
  const surfaces = ['api-prod', 'payments'].map((id) => ({ id, name: id, url: 'http://127.0.0.1:9/' }));
  const sources = [{ id: MAPPED, kind: 'generic', mapping: MAPPING }];
  await syncSurfaces(pool, parseSurfaces(JSON.stringify({ surfaces, sources }), 'fuzz'));
}
