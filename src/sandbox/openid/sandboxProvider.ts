import { PROVIDER_FAULTS } from '../commonFaults.ts';
import { createFaults } from '../faultSwitches.ts';
import type { SandboxLog } from '../httpListener.ts';
import { createLive } from '../pageUpdates.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { startSite } from '../sandboxApp.ts';
import { createSites, type Sites } from '../sites.ts';
import type { Client } from './authorizationRequest.ts';
import { createCodes } from './codes.ts';
import { createIdTokens } from './idTokens.ts';
import { pageRoutes } from './pageRoutes.tsx';
import { createBrowsers } from './signedIn.ts';
import { API, providerApi } from './tokenEndpoint.ts';

export interface SandboxProviderOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** The id and secret of the console. */
  client: { id: string; secret: string };
  /** The public address of the console. */
  consoleUrl: string;
  log?: SandboxLog | undefined;
  /** The sandboxes of the same process; absent: it is the only one. */
  sites?: Sites;
}

const PRODUCT = 'OpenID provider';
const NAV = [
  { href: '/', label: 'Sign-in' },
  { href: '/__control', label: 'Faults' },
];

/**
 * Starts an OpenID provider on loopback at which people choose who they are: authorization code with PKCE, ID tokens, and
 * signing out. Its address is the issuer.
 */
export async function startSandboxProvider(options: SandboxProviderOptions) {
  const { consoleUrl, log } = options;
  const client: Client = {
    ...options.client,
    redirectUri: `${consoleUrl}/sign-in/callback`,
    signedOutUri: `${consoleUrl}/sign-in`,
  };
  const codes = createCodes();
  const tokens = createIdTokens(client.id);
  const browsers = createBrowsers();
  const faults = createFaults({ scope: API });
  const server = await startSite({
    ...{ log, faults, scope: API },
    name: 'Sign-in',
    port: options.port ?? 0,
    sites: options.sites ?? createSites(),
    live: createLive(),
    requests: createRequestLog({ scope: API, limit: 200 }),
    control: { product: PRODUCT, nav: NAV, common: PROVIDER_FAULTS },
    formTargets: [new URL(consoleUrl).origin],
    bodyLimit: 65_536,
    pages: pageRoutes({ product: PRODUCT, nav: NAV, client, codes, tokens, browsers }),
    api: providerApi({ client, codes, tokens, browsers }),
  });
  return { url: server.url, control: { faults }, stop: () => server.stop() };
}
