import { join } from 'node:path';
import type { Environment, StartSandbox } from '../app/environment.ts';
import { parseSurfaces } from '../surfaces/surfacesFile.ts';
import { DEMO_CUSTOMERS, fileDemoTickets } from './freescout/demo.ts';
import { startSandboxFreeScout } from './freescout/sandboxFreeScout.ts';
import { startEmbeddedPostgres } from './postgres/embedded.ts';
import { sandboxKeys } from './sandboxKeys.ts';
import { startSandboxServices } from './services/sandboxServices.ts';
import { startSandboxSlack } from './slack/sandboxSlack.ts';

/** Starts a sandbox on loopback for each dependency that is not configured, with its data under DATA_DIR. */
export const startSandbox: StartSandbox = async (config, { log, cleanups, say, stopping }) => {
  const pages: Environment['pages'] = [];
  const at = (n: number) => (config.port === 0 ? 0 : config.port + n);

  let databaseUrl = config.database.url;
  if (databaseUrl === null) {
    say('Starting Postgres …');
    const postgres = await startEmbeddedPostgres({ dir: join(config.dataDir, 'postgres'), signal: stopping });
    cleanups.add('embedded Postgres', () => postgres.stop());
    databaseUrl = postgres.url;
  }

  stopping.throwIfAborted();
  const keys = await sandboxKeys(join(config.dataDir, 'sandbox', 'keys.json'));
  let { freescout, slack } = config;
  let customers: Environment['customers'] = [];
  if (freescout.baseUrl === null) {
    const sandbox = await startSandboxFreeScout({
      port: at(1),
      apiKey: keys.freescout,
      webhookTargets: [config.publicUrl],
      store: join(config.dataDir, 'sandbox', 'tickets.json'),
      log,
    });
    cleanups.add('sandbox FreeScout', () => sandbox.stop());
    fileDemoTickets(sandbox);
    customers = DEMO_CUSTOMERS;
    freescout = {
      ...freescout,
      baseUrl: sandbox.url,
      apiKey: sandbox.apiKey,
      operationsMailboxId: sandbox.operationsMailboxId,
      supportMailboxId: sandbox.supportMailboxId,
      webhookSecret: sandbox.webhookSecret,
    };
    sandbox.control.webhook(`${config.publicUrl}/api/webhooks/freescout`);
    pages.push({ name: 'Tickets', url: sandbox.url });
  }
  stopping.throwIfAborted();
  if (slack.botToken === null) {
    const dms = await startSandboxSlack({
      port: at(2),
      token: keys.slack,
      userId: 'U0OPERATOR',
      store: join(config.dataDir, 'sandbox', 'messages.json'),
      log,
    });
    cleanups.add('sandbox Slack', () => dms.stop());
    slack = { botToken: dms.token, dmUserId: dms.userId, apiUrl: dms.apiUrl };
    pages.push({ name: 'Slack DMs', url: dms.url });
  }
  stopping.throwIfAborted();
  let surfaces: Environment['surfaces'] = null;
  if (config.surfaces.file === null) {
    const services = await startSandboxServices({
      port: at(3),
      store: join(config.dataDir, 'sandbox', 'services.json'),
      log,
    });
    cleanups.add('sandbox services', () => services.stop());
    surfaces = parseSurfaces(JSON.stringify({ surfaces: services.surfaces }), 'sandbox');
    pages.push({ name: 'Sandbox services', url: services.url });
  }
  return { config: { ...config, freescout, slack }, databaseUrl, surfaces, customers, pages };
};
