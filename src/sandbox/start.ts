import { join } from 'node:path';
import type { Config } from '../config.ts';
import { startEmbeddedPostgres } from '../db/embedded.ts';
import type { Log } from '../log.ts';
import type { Releases } from '../release.ts';
import { parseSurfaces, type SurfaceConfig } from '../surfaces/file.ts';
import { DEMO_CUSTOMERS, fileDemoTickets } from './freescout/demo.ts';
import { startSandboxFreeScout } from './freescout/start.ts';
import { startSandboxSlack } from './slack.ts';
import { startSandboxSurfaces } from './surfaces.ts';

/** What stands in for settings that are unset outside production, and where to look at it. */
export interface Embedded {
  config: Config;
  databaseUrl: string;
  surfaces: SurfaceConfig[] | null;
  customers: typeof DEMO_CUSTOMERS;
  /** For the person at the terminal: a name and an address each. */
  places: { name: string; url: string }[];
}

/** Starts each piece that is not configured, on loopback, with its data under DATA_DIR. Never in production. */
export async function startEmbedded(
  config: Config,
  log: Log,
  releases: Releases,
  say: (line: string) => void,
): Promise<Embedded> {
  const places: Embedded['places'] = [];
  const at = (n: number) => (config.port === 0 ? 0 : config.port + n);

  let databaseUrl = config.database.url;
  if (databaseUrl === null) {
    say('Starting Postgres …');
    const postgres = await startEmbeddedPostgres({ dir: join(config.dataDir, 'postgres') });
    releases.add('embedded Postgres', () => postgres.stop());
    databaseUrl = postgres.url;
  }

  let { freescout, slack } = config;
  let customers: Embedded['customers'] = [];
  if (freescout.baseUrl === null) {
    const desk = await startSandboxFreeScout({
      port: at(1),
      apiKey: 'sandbox-key-0000000000000000000',
      store: join(config.dataDir, 'sandbox', 'tickets.json'),
      log,
    });
    releases.add('sandbox help desk', () => desk.stop());
    fileDemoTickets(desk);
    customers = DEMO_CUSTOMERS;
    freescout = {
      ...freescout,
      baseUrl: desk.url,
      apiKey: desk.apiKey,
      operationsMailboxId: desk.operationsMailboxId,
      supportMailboxId: desk.supportMailboxId,
      webhookSecret: desk.webhookSecret,
    };
    desk.control.webhook(`${config.publicUrl}/api/webhooks/freescout`);
    places.push({ name: 'Tickets', url: desk.url });
  }
  if (slack.botToken === null) {
    const dms = await startSandboxSlack({
      port: at(2),
      token: 'xoxb-sandbox-token',
      userId: 'U0OPERATOR',
      store: join(config.dataDir, 'sandbox', 'messages.json'),
      log,
    });
    releases.add('sandbox Slack', () => dms.stop());
    slack = { botToken: dms.token, dmUserId: dms.userId, apiUrl: dms.apiUrl };
    places.push({ name: 'Slack DMs', url: dms.url });
  }
  let surfaces: SurfaceConfig[] | null = null;
  if (config.surfaces.file === null) {
    const services = await startSandboxSurfaces({
      port: at(3),
      store: join(config.dataDir, 'sandbox', 'services.json'),
      log,
    });
    releases.add('sandbox services', () => services.stop());
    surfaces = parseSurfaces(JSON.stringify({ surfaces: services.surfaces }), 'sandbox');
    places.push({ name: 'Services to break', url: services.url });
  }
  return { config: { ...config, freescout, slack }, databaseUrl, surfaces, customers, places };
}
