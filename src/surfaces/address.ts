import type http from 'node:http';
import type https from 'node:https';
import { isIP, Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Resolve } from '../net/resolve.ts';

/** Metadata services of clouds, which hand out credentials, beyond the link-local addresses. */
const METADATA_NAMES = new Set(['metadata.google.internal', 'metadata.goog', 'metadata.azure.internal']);
const METADATA_ADDRESSES = [
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
].map((range) => ipaddr.parseCIDR(range));

/** Address ranges that are always refused. */
const NEVER = new Set(['linkLocal', 'multicast', 'broadcast', 'unspecified', 'teredo']);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export class AddressRefusedError extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(address: string, why: string) {
    super(`${address} is ${why} and must not be checked`);
    this.name = 'AddressRefusedError';
  }
}

/**
 * Why an address must not be connected to; null if it is allowed. Understands decimal, hexadecimal and octal IPv4,
 * and IPv4 embedded in IPv6. An unreadable address is refused.
 */
export function refusalReason(address: string, allowPrivate: boolean): string | null {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return 'not a readable address';
  for (const one of effectiveAddresses(ipaddr.process(bare))) {
    const range = one.range();
    if (METADATA_ADDRESSES.some((metadata) => metadata[0].kind() === one.kind() && one.match(metadata)))
      return 'a cloud metadata address';
    if (NEVER.has(range)) return `a ${range === 'linkLocal' ? 'link-local' : range} address`;
    if (!allowPrivate && range !== 'unicast' && !embedsIpv4(one))
      return `a ${range} address, and private ones are not allowed`;
  }
  return null;
}

/** Whether a host name must not even be resolved. */
export const isRefusedName = (host: string): boolean => METADATA_NAMES.has(host.toLowerCase().replace(/\.+$/, ''));

/** The address itself, and the IPv4 address into which a translator on the network would turn it. */
function effectiveAddresses(address: Address): Address[] {
  if (address.kind() === 'ipv4') return [address];
  const bytes = address.toByteArray();
  const inner = (from: number): Address => ipaddr.fromByteArray(bytes.slice(from, from + 4));
  if (address.range() === '6to4') return [address, inner(2)];
  const compatible = address.range() !== 'loopback' && bytes.slice(0, 12).every((byte) => byte === 0);
  if (compatible || embedsIpv4(address)) return [address, inner(12)];
  return [address];
}

const embedsIpv4 = (address: Address): boolean =>
  ['6to4', 'rfc6052', 'rfc6145', 'ipv4Mapped'].includes(address.range());

/** Name resolution that fails if any of the addresses is refused: such a name is not trusted at all. */
export function guardedResolve(allowPrivate: boolean, resolve: Resolve): Resolve {
  return async (name) => {
    if (isRefusedName(name)) throw new AddressRefusedError(name, 'a cloud metadata address');
    const addresses = await resolve(name);
    for (const { address } of addresses) {
      const why = refusalReason(address, allowPrivate);
      if (why !== null) throw new AddressRefusedError(address, why);
    }
    return addresses;
  };
}

/**
 * Makes agents refuse forbidden addresses: literal addresses before connecting, and the peer address again once
 * connected. Names are checked when they are resolved, see {@link guardedResolve}.
 */
export function guardAgents<A extends { httpAgent: http.Agent; httpsAgent: https.Agent }>(
  agents: A,
  allowPrivate: boolean,
): A {
  for (const agent of [agents.httpAgent, agents.httpsAgent]) guard(agent, allowPrivate);
  return agents;
}

function guard(agent: http.Agent, allowPrivate: boolean): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (target, callback) => {
    const host = target.host ?? target.hostname ?? '';
    const why = isIP(host) ? refusalReason(host, allowPrivate) : null;
    if (why !== null) throw new AddressRefusedError(host, why);
    const socket = connect(target, callback);
    if (socket instanceof Socket) {
      socket.once('connect', () => {
        const reached = socket.remoteAddress ?? '';
        const refused = refusalReason(reached, allowPrivate);
        if (refused !== null) socket.destroy(new AddressRefusedError(reached, refused));
      });
    }
    return socket;
  };
}

/** Why a target must not be asked for, by its name or address alone; null if it may be. */
export function targetRefusal(url: string, allowPrivate: boolean): AddressRefusedError | null {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isRefusedName(host)) return new AddressRefusedError(host, 'a cloud metadata address');
  const why = isIP(host) ? refusalReason(host, allowPrivate) : null;
  return why === null ? null : new AddressRefusedError(host, why);
}
