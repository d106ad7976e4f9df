import http from 'node:http';
import https from 'node:https';
import type { SecureContext } from 'node:tls';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { endWithRequest } from './endWithRequest.ts';
import { asLookup, type Resolve } from './resolve.ts';
import { createSilentAddresses } from './silentAddresses.ts';

/** Agents for outgoing requests, through a proxy or with certificate authorities of one's own. */
export interface AgentOptions {
  /** Address of the proxy, which may hold user name and password; null for none. */
  proxy: string | null;
  /** The certificate authorities to trust; null for those of the platform. */
  trust: SecureContext | null;
  /** Resolves names of targets, and of the proxy if there is one. */
  resolve: Resolve;
  keepAlive?: boolean;
  /** Whether TLS sessions are never resumed: a resumed one does not show the certificate of its peer. */
  fullHandshakes?: boolean;
  /** Milliseconds after which the next address of a name is tried. */
  attemptMs?: number;
}

export interface Agents {
  httpAgent: http.Agent;
  httpsAgent: https.Agent;
}

/**
 * The addresses of a name are tried one after another. An address without a route fails at once; one without an answer is
 * given up after this time, unless it is the last. Node's default of 250 ms is less than a connection to another continent
 * takes.
 */
const ATTEMPT_MS = 2_000;

/**
 * A kept connection is closed when it was idle for this long. Later it may be dead without a sign: a firewall forgets idle
 * connections silently, and a request on one gets no answer. Node closes idle connections only, whatever time a request takes.
 */
const IDLE_MS = 5_000;

/** The proxy refused to connect to the target. Nothing was sent to the target. */
export class ProxyRefusedError extends Error {
  readonly code = 'PROXY_REFUSED';

  constructor(status: number) {
    super(`the proxy refused the connection with HTTP ${status}`);
    this.name = 'ProxyRefusedError';
  }
}

/** A proxy resolves the names of its targets itself, so `resolve` does not see them. */
export function createAgents(settings: AgentOptions): Agents {
  const { proxy, trust, resolve, keepAlive = false, fullHandshakes, attemptMs = ATTEMPT_MS } = settings;
  const silentAddresses = createSilentAddresses();
  const options = {
    keepAlive,
    ...(keepAlive && { timeout: IDLE_MS }),
    ...(fullHandshakes && { maxCachedSessions: 0 }),
    lookup: asLookup(silentAddresses.last(resolve)),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptMs,
  };
  const secure = trust === null ? options : { ...options, secureContext: trust };
  if (proxy === null) {
    const agents = { httpAgent: new http.Agent(options), httpsAgent: new https.Agent(secure) };
    for (const agent of [agents.httpAgent, agents.httpsAgent]) silentAddresses.watch(agent);
    return agents;
  }
  const forward = new HttpProxyAgent(proxy, options);
  const tunnel = new HttpsProxyAgent(proxy, secure);
  endWithRequest(forward);
  endWithRequest(tunnel);
  // The agent uses its options for the connection to the proxy only, and those of the request for the target.
  const connect = tunnel.connect.bind(tunnel);
  tunnel.connect = (request, target) => connect(request, { ...target, ...(trust && { secureContext: trust }) });
  // Otherwise the answer of the proxy would be taken for one of the target.
  tunnel.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: http.ClientRequest) => {
    if (statusCode !== 200) request.destroy(new ProxyRefusedError(statusCode));
  });
  return { httpAgent: forward, httpsAgent: tunnel as unknown as https.Agent };
}
