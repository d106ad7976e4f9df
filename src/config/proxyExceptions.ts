import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Hosts that are reached without the proxy: all, a domain with everything below it, or a range of addresses. */
export type ProxyException = { port: number | null } & (
  | { kind: 'all' }
  | { kind: 'domain'; domain: string }
  | { kind: 'range'; range: string }
);

/** One entry as in NO_PROXY; null if it is none: `*`, a host or domain (`.example.com`, `*.example.com`), an address or range, with or without port. */
export function parseException(entry: string): ProxyException | null {
  const text = entry.trim().toLowerCase();
  if (text === '*') return { kind: 'all', port: null };
  const range = rangeOf(text);
  if (range) return { kind: 'range', range, port: null };
  const [, host = '', digits] = /^(.+?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? null : Number(digits);
  const address = rangeOf(host.replace(/^\[(.*)\]$/, '$1'));
  if (address) return { kind: 'range', range: address, port };
  const domain = host.replace(/^\*?\./, '');
  return /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(domain) && !/^[\d.]+$/.test(domain)
    ? { kind: 'domain', domain, port }
    : null;
}

function rangeOf(text: string): string | null {
  if (ipaddr.isValidCIDR(text)) return text;
  const family = isIP(text);
  return family === 0 ? null : `${text}/${family === 4 ? 32 : 128}`;
}
