import tls, { createSecureContext } from 'node:tls';
import type { ProxyException } from '../config/proxyExceptions.ts';
import { type Agents, createAgents } from './agents.ts';
import { type BoundedFetch, createFetch } from './boundedFetch.ts';
import { createNames, type Names } from './names.ts';
import { usesProxy } from './usesProxy.ts';

/** Connections to the systems that the program calls: FreeScout, Slack and the identity provider, but not the surfaces. */
export interface Outgoing {
  /** Agents for an address: through the proxy, or directly if it is an exception. */
  agentsFor(address: string | URL, options?: { keepAlive?: boolean }): Agents;
  /** A connection of its own for each request, so that none fails because the server closed an idle connection. */
  fetch: BoundedFetch;
}

export interface OutgoingSettings {
  /** May hold user name and password; null for none. */
  proxy: string | null;
  noProxy: readonly ProxyException[] | null;
  /** PEM text of certificate authorities to trust beside those of the platform. */
  authorities: string | null;
}

const DIRECT: OutgoingSettings = { proxy: null, noProxy: null, authorities: null };

export function createOutgoing(
  settings: OutgoingSettings = DIRECT,
  names: Pick<Names, 'resolve'> = createNames(),
): Outgoing {
  const trust = settings.authorities === null ? null : contextWith(settings.authorities);
  const known = new Map<string, Agents>();

  function agentsFor(address: string | URL, { keepAlive = false } = {}): Agents {
    const proxy =
      settings.proxy !== null && usesProxy(new URL(address), settings.noProxy ?? []) ? settings.proxy : null;
    const key = `${proxy !== null} ${keepAlive}`;
    const agents = known.get(key) ?? createAgents({ proxy, trust, resolve: names.resolve, keepAlive });
    known.set(key, agents);
    return agents;
  }

  return { agentsFor, fetch: createFetch((address) => agentsFor(address)) };
}

/** Made once, because reading the authorities of the platform takes milliseconds. */
const contextWith = (authorities: string) => createSecureContext({ ca: [...platformAuthorities(), authorities] });

/** Node 20 lists only those that it brings along, without those of NODE_EXTRA_CA_CERTS. */
const platformAuthorities = (): readonly string[] =>
  'getCACertificates' in tls ? (tls.getCACertificates as () => string[])() : tls.rootCertificates;
