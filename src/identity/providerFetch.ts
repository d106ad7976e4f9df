import type { CustomFetch } from 'openid-client';
import { isLoopback } from '../config/addresses.ts';
import type { Outgoing } from '../net/outgoing.ts';

/** Much more than the metadata, keys or claims of any provider. */
const MAX_BYTES = 262_144;

class PlainHttpError extends Error {
  readonly code = 'PLAIN_HTTP';

  constructor() {
    super('the provider uses an address without TLS');
    this.name = 'PlainHttpError';
  }
}

/** Whether secrets may be sent there: over TLS, or to this machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/**
 * `fetch` for the provider. Follows no redirects, reads at most 256 KiB, and refuses plain http to other machines even if
 * the provider's metadata names such an address. The signal in the options limits the time.
 */
export const createProviderFetch =
  ({ fetch }: Outgoing): CustomFetch =>
  async (address, options) => {
    if (!isSafeAddress(address)) throw new PlainHttpError();
    return fetch(address, options as RequestInit, MAX_BYTES);
  };
