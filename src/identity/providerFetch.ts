import type { CustomFetch } from 'openid-client';
import { isLoopback } from '../config/addresses.ts';

/** Much more than the metadata, keys or claims of any provider. */
const MAX_BYTES = 262_144;
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/** A response that no correct provider sends. */
class ProviderFaultError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ProviderFaultError';
    this.code = code;
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
export const providerFetch: CustomFetch = async (address, options) => {
  if (!isSafeAddress(address)) {
    throw new ProviderFaultError('PLAIN_HTTP', 'the provider uses an address without TLS');
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
    if (size > MAX_BYTES) throw new ProviderFaultError('TOO_LARGE', 'the response of the provider is too large');
    chunks.push(chunk);
  }
  // Responses are JSON or JSON Web Tokens, so always text.
  return Buffer.concat(chunks).toString('utf8');
}
