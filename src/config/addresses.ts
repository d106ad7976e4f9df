import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Addresses among the settings. Each error message follows the name of the variable in a sentence. */

/** Whether a host name or address, without port, can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = unbracketed(host).toLowerCase();
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  return isAddress(bare) && ipaddr.process(bare).range() === 'loopback';
}

export const hostName = z
  .string()
  .transform((text) => unbracketed(text))
  .refine(
    // Digits and dots alone are an IPv4 address, which must be complete.
    (bare) => isAddress(bare) || (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare) && !/^[\d.]+$/.test(bare)),
    'must be an address or a host name, without scheme and port',
  );

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address that starts with http:// or https://', abort: true })
  .transform((text) => ({ text, url: new URL(text) }))
  .refine(({ url }) => !url.username && !url.password, {
    error: 'must not contain a user name or a password',
    abort: true,
  })
  .refine(({ url }) => !url.search && !url.hash, { error: 'must not have a query or a fragment', abort: true });

/** With any path and query, which may hold a secret. */
export const secretUrl = z.url({
  protocol: /^https?$/,
  error: 'must be an address that starts with http:// or https://',
});

/** Scheme, host and port of a web site, and nothing else. */
export const origin = httpUrl
  .refine(({ url }) => url.pathname === '/', 'must not have a path')
  .transform(({ url }) => url.origin);

/** An instance may be in a folder, but the address of its API is a common mistake. No slash at the end. */
export const instanceRoot = httpUrl
  .refine(({ url }) => !/\/api(\/|$)/.test(url.pathname), 'must be the root of the instance, without /api')
  .transform(({ url }) => url.origin + withoutSlash(url.pathname));

/** With a slash at the end. */
export const apiRoot = httpUrl.transform(({ url }) => `${url.origin}${withoutSlash(url.pathname)}/`);

export const issuer = httpUrl
  .refine(
    ({ url }) => url.protocol === 'https:' || isLoopback(url.hostname),
    'must start with https://, because plain http is only safe on a loopback address',
  )
  .transform(({ text }) => text);

// The driver ignores an unknown sslmode and leaves the connection in plain text.
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be an address that starts with postgres://', abort: true })
  .refine((text) => isEncoded(new URL(text).username) && isEncoded(new URL(text).password), {
    error: 'has a user name or password with an unescaped percent sign',
    abort: true,
  })
  .refine(
    (text) => {
      const mode = new URL(text).searchParams.get('sslmode');
      return mode === null || SSL_MODES.includes(mode);
    },
    `has an sslmode other than ${SSL_MODES.join(', ')}`,
  );

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

const withoutSlash = (path: string): string => path.replace(/\/+$/, '');
