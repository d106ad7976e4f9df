import type { CustomFetch } from 'openid-client';
import { isLoopback } from '../config/addresses.ts';

/** Far more than any provider has to say about itself, its keys or a person. */
const MOST_BYTES = 262_144;
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/** The provider does not behave like one. */
class ProviderFaultError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ProviderFaultError';
    this.code = code;
  }
}

/** Whether secrets may travel there: over TLS, or without leaving this machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/**
 * Asks the provider. Follows no redirect, reads no more than a quarter of a megabyte, and goes nowhere in plain
 * text whatever the provider's own description says; time is limited by the signal that comes with the options.
 */
export const providerFetch: CustomFetch = async (address, options) => {
  if (!isSafeAddress(address)) {
    throw new ProviderFaultError('PLAIN_HTTP', 'the provider names an address that is not protected by TLS');
  }
  const response = await fetch(address, options as RequestInit);
  const { status, statusText, headers } = response;
  const body = await read(response);
  return new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers });
};

async function read({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new ProviderFaultError('TOO_LARGE', 'the provider answers without end');
    chunks.push(chunk);
  }
  // All that a provider says is JSON or a JSON Web Token, so it is text.
  return Buffer.concat(chunks).toString('utf8');
}
