import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** Agents for outgoing requests, through a proxy or with a certificate authority of one's own. */
export interface AgentOptions {
  /** Address of the proxy, which may hold user name and password; null for none. */
  proxy: string | null;
  /** PEM text of the only certificate authorities to trust; null for those of the platform. */
  ca: string | null;
  /** Resolves names of targets, and of the proxy where there is one. */
  lookup?: LookupFunction;
  keepAlive?: boolean;
}

export interface Agents {
  httpAgent: http.Agent;
  httpsAgent: https.Agent;
}

/** A proxy resolves the names of its targets itself, so `lookup` does not see them. */
export function createAgents({ proxy, ca, lookup, keepAlive = false }: AgentOptions): Agents {
  // A TLS session that is resumed does not show the certificate of its peer.
  const options = { keepAlive, maxCachedSessions: 0, ...(lookup && { lookup }) };
  const trusted = ca === null ? options : { ...options, ca };
  if (proxy === null) return { httpAgent: new http.Agent(options), httpsAgent: new https.Agent(trusted) };
  const tunnel = new HttpsProxyAgent(proxy, trusted);
  // The agent uses its options for the connection to the proxy only, and those of the request for the target.
  const connect = tunnel.connect.bind(tunnel);
  if (ca !== null) tunnel.connect = (request, target) => connect(request, { ...target, ca } as typeof target);
  return { httpAgent: new HttpProxyAgent(proxy, options), httpsAgent: tunnel as unknown as https.Agent };
}
