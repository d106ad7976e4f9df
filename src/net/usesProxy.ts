import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { ProxyException } from '../config/proxyExceptions.ts';

/** An address of this machine never goes through the proxy, where it would mean the machine of the proxy. */
export function usesProxy({ hostname, port, protocol }: URL, exceptions: readonly ProxyException[]): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const actualPort = Number(port) || (protocol === 'https:' ? 443 : 80);
  if (host === 'localhost' || host.endsWith('.localhost')) return false;
  if (isIP(host) && ipaddr.process(host).range() === 'loopback') return false;
  return !exceptions.some((exception) => (exception.port ?? actualPort) === actualPort && covers(exception, host));
}

function covers(exception: ProxyException, host: string): boolean {
  if (exception.kind === 'all') return true;
  if (exception.kind === 'domain') return host === exception.domain || host.endsWith(`.${exception.domain}`);
  if (!isIP(host)) return false;
  const address = ipaddr.process(host);
  const range = ipaddr.parseCIDR(exception.range);
  return address.kind() === range[0].kind() && address.match(range);
}
