import type { WireProgress } from './observed.ts';

/** What becomes of a request on a connection that the server is closing. */
const CLOSING = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Whether the connection, and not the server, may be why there was no answer: the server was closing it, or a firewall or
 * proxy in between had forgotten it. A PUT without an answer may still be carried out, so it is not repeated for that.
 */
export const isStale = (method: string, code: string, { reused, status }: WireProgress): boolean =>
  reused && status === undefined && (CLOSING.has(code) || (method === 'GET' && code === 'ETIMEDOUT'));
