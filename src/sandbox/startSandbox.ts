import { join, resolve } from 'node:path';
import type { Environment, SandboxStart, StartSandbox } from '../app/environment.ts';
import type { Config } from '../config/config.ts';
import { ROLES } from '../config/roles.ts';
import { DEMO_CUSTOMERS, fileDemoTickets } from './freescout/demo.ts';
import { startSandboxFreeScout } from './freescout/sandboxFreeScout.ts';
import { startSandboxProvider } from './openid/sandboxProvider.ts';
import { startEmbeddedPostgres } from './postgres/embedded.ts';
import { type SandboxKeys, sandboxKeys } from './sandboxKeys.ts';
import { startSandboxServices } from './services/sandboxServices.ts';
import { createSites, type Sites } from './sites.ts';
import { startSandboxSlack } from './slack/sandboxSlack.ts';

/** Starts a sandbox on loopback for each dependency that is not configured, with its data under DATA_DIR. */
export const startSandbox: StartSandbox = async (config, start) => {
  const { cleanups, say, stopping } = start;
  let databaseUrl = config.database.url;
  if (databaseUrl === null) {
    say('Starting Postgres …');
    const postgres = await startEmbeddedPostgres({ dir: join(config.dataDir, 'postgres'), signal: stopping });
    cleanups.add('embedded Postgres', () => postgres.stop());
    databaseUrl = postgres.url;
  }

  const keyFile = resolve(config.dataDir, 'sandbox', 'keys.json');
  // With port 0 the address of the console is not known yet.
  const sites = createSites(new URL(config.publicUrl).port === '0' ? null : config.publicUrl);
  const common: Common = { ...start, config, keys: await sandboxKeys(keyFile), sites };
  const desk = config.freescout.baseUrl === null ? await startTickets(common, keyFile) : null;
  const slack = config.slack.botToken === null ? await startMessages(common) : config.slack;
  const surfaces = config.surfaces.file === null ? await startServices(common) : null;
  const isSignInTried = config.sandboxSignIn && config.oidc === null;
  const signIn = isSignInTried ? await startSignIn(common) : {};
  return {
    config: { ...config, freescout: { ...config.freescout, ...desk?.settings }, slack, ...signIn },
    databaseUrl,
    surfaces,
    customers: desk?.customers ?? [],
    pages: sites.links().filter(({ name }) => name !== 'Console'),
  };
};

interface Common extends SandboxStart {
  config: Config;
  keys: SandboxKeys;
  sites: Sites;
}

/** The ports after that of the console. */
const portOf = ({ port }: Config, n: number): number => (port === 0 ? 0 : port + n);
const storeOf = ({ dataDir }: Config, name: string): string => join(dataDir, 'sandbox', `${name}.json`);

async function startTickets({ config, keys, sites, log, cleanups, stopping }: Common, keyFile: string) {
  stopping.throwIfAborted();
  const sandbox = await startSandboxFreeScout({
    port: portOf(config, 1),
    apiKey: keys.freescout,
    webhookTargets: [config.publicUrl],
    store: storeOf(config, 'tickets'),
    ...{ log, sites, keyFile },
  });
  cleanups.add('sandbox FreeScout', () => sandbox.stop());
  fileDemoTickets(sandbox);
  sandbox.control.webhook(`${config.publicUrl}/api/webhooks/freescout`);
  return {
    customers: DEMO_CUSTOMERS,
    settings: {
      baseUrl: sandbox.url,
      apiKey: sandbox.apiKey,
      operationsMailboxId: sandbox.operationsMailboxId,
      supportMailboxId: sandbox.supportMailboxId,
      webhookSecret: sandbox.webhookSecret,
    },
  };
}

async function startMessages({ config, keys, sites, log, cleanups, stopping }: Common): Promise<Config['slack']> {
  stopping.throwIfAborted();
  const messages = await startSandboxSlack({
    port: portOf(config, 2),
    token: keys.slack,
    userId: 'U0OPERATOR',
    store: storeOf(config, 'messages'),
    ...{ log, sites },
  });
  cleanups.add('sandbox Slack', () => messages.stop());
  return { botToken: messages.token, dmUserId: messages.userId, apiUrl: messages.apiUrl };
}

async function startServices({ config, sites, log, cleanups, stopping }: Common): Promise<Environment['surfaces']> {
  stopping.throwIfAborted();
  const services = await startSandboxServices({
    port: portOf(config, 3),
    store: storeOf(config, 'services'),
    ...{ log, sites },
  });
  cleanups.add('sandbox services', () => services.stop());
  return {
    text: () => JSON.stringify({ surfaces: services.surfaces }),
    onChange: services.onChange,
  };
}

/** The settings with which people sign in at the sandbox. */
async function startSignIn(common: Common): Promise<Pick<Config, 'oidc' | 'sessionSecret'>> {
  const { config, keys, sites, log, cleanups, stopping } = common;
  stopping.throwIfAborted();
  const client = { id: 'auto-ticketing', secret: keys.client };
  const provider = await startSandboxProvider({
    port: portOf(config, 4),
    client,
    consoleUrl: config.publicUrl,
    ...{ log, sites },
  });
  cleanups.add('sandbox OpenID provider', () => provider.stop());
  return {
    oidc: {
      issuerUrl: provider.url,
      clientId: client.id,
      clientSecret: client.secret,
      scope: 'openid profile email',
      roleClaim: 'roles',
      roleMap: ROLES.map((role) => ({ group: role, role })),
    },
    sessionSecret: config.sessionSecret ?? keys.session,
  };
}
