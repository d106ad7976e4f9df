import ipaddr from 'ipaddr.js';
import type { Fault, Kind } from './kinds.ts';

/** Whether a host name or address, without port, can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const bare = unbracketed(host).toLowerCase();
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  return isAddress(bare) && ipaddr.process(bare).range() === 'loopback';
}

export const hostName: Kind<string> = (text, fault) => {
  const bare = unbracketed(text);
  // Digits and dots alone are an address, and then must be a whole one.
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare) && !/^[\d.]+$/.test(bare);
  return isName || isAddress(bare) ? bare : fault('must be an address or a host name, without scheme and port');
};

/** The root of a web site: its scheme, host and port and nothing else. */
export const origin: Kind<string> = (text, fault) => {
  const url = plainHttpUrl(text, fault);
  if (!url) return undefined;
  return url.pathname === '/' ? url.origin : fault('must not have a path');
};

/** An instance may live in a folder, but the address of its API is a common slip. */
export const instanceRoot: Kind<string> = (text, fault) => {
  const url = plainHttpUrl(text, fault);
  if (!url) return undefined;
  const path = url.pathname.replace(/\/+$/, '');
  return /\/api(\/|$)/.test(path) ? fault('must be the root of the instance, without /api') : url.origin + path;
};

export const apiRoot: Kind<string> = (text, fault) => {
  const url = plainHttpUrl(text, fault);
  return url && `${url.origin}${url.pathname.replace(/\/+$/, '')}/`;
};

export const issuer: Kind<string> = (text, fault) => {
  const url = plainHttpUrl(text, fault);
  if (!url) return undefined;
  return url.protocol === 'https:' || isLoopback(url.hostname)
    ? text
    : fault('must start with https://, because plain http is only safe on a loopback address');
};

// The driver passes over an unknown sslmode in silence and leaves the connection in plain text.
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export const postgresUrl: Kind<string> = (text, fault) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return fault('must be an address that starts with postgres://');
  if (!isEncoded(url.username) || !isEncoded(url.password))
    return fault('has a name or password with a bare percent sign');
  const mode = url.searchParams.get('sslmode');
  return mode === null || SSL_MODES.includes(mode)
    ? text
    : fault(`has an sslmode that is none of ${SSL_MODES.join(', ')}`);
};

function plainHttpUrl(text: string, fault: Fault): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return fault('must be an address that starts with http:// or https://');
  if (url.username || url.password) return fault('must not carry a user name or a password');
  return url.search || url.hash ? fault('must not have a query or a fragment') : url;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const isAddress = (host: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
