import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { AxiosRequestConfig } from 'axios';
import { type Agents, createAgents } from '../net/agents.ts';
import type { Resolve } from '../net/resolve.ts';
import { guardAgents, guardedResolve, targetRefusal } from './address.ts';
import { refuseOwnSecrets, resolveReferences } from './secrets.ts';
import type { RequestSettings } from './surfacesFile.ts';

/** The request of a check: method, headers and body with their secrets, and the agents to send it with. */
export interface CheckRequest extends Pick<AxiosRequestConfig, 'method' | 'headers' | 'data' | 'auth'>, Agents {
  /** Values that must not be shown. */
  secrets: Set<string>;
}

export type BuildRequest = (settings: RequestSettings | undefined) => Promise<CheckRequest>;

/** Agents in use at once; the oldest is dropped beyond that, so that a changed file does not fill the memory. */
const MAX_AGENTS = 200;

export function createRequests(deps: {
  allowPrivate: boolean;
  env: NodeJS.ProcessEnv;
  resolve: Resolve;
}): BuildRequest {
  const { allowPrivate, env } = deps;
  const resolve = guardedResolve(allowPrivate, deps.resolve);
  const known = new Map<string, Agents>();

  /** A proxy is an address of the file like any other; its agents make the connection to it before ours can be checked. */
  function newAgents(proxy: string | null, ca: string | null): Agents {
    const refused = proxy === null ? null : targetRefusal(proxy, allowPrivate);
    if (refused) throw refused;
    const trust = ca === null ? null : createSecureContext({ ca });
    const agents = createAgents({ proxy, trust, resolve, fullHandshakes: true });
    return proxy === null ? guardAgents(agents, allowPrivate) : agents;
  }

  function agentsFor(proxy: string | null, ca: string | null): Agents {
    const key = JSON.stringify([proxy, ca]);
    const agents = known.get(key) ?? newAgents(proxy, ca);
    known.delete(key);
    known.set(key, agents);
    for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - MAX_AGENTS))) known.delete(oldest);
    return agents;
  }

  return async (settings) => {
    const secrets = new Set<string>();
    if (!settings) return { ...agentsFor(null, null), secrets };
    refuseOwnSecrets(settings);
    const filled = (text: string) => resolveReferences(text, env, secrets);
    const { method, headers, body, basicAuth, proxy, caFile } = settings;
    const auth = basicAuth && { username: filled(basicAuth.username), password: filled(basicAuth.password) };
    if (auth) secrets.add(auth.password).add(Buffer.from(`${auth.username}:${auth.password}`).toString('base64'));
    const through = proxy === null ? null : filled(proxy);
    if (through !== null && new URL(through).password) secrets.add(new URL(through).password);
    const ca = caFile === null ? null : await readFile(caFile, 'utf8');
    return {
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)])),
      ...(body !== null && { data: filled(body) }),
      ...(auth && { auth }),
      ...agentsFor(through, ca),
      secrets,
    };
  };
}
