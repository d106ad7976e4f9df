import type { Middleware } from 'koa';
import { Problem } from '../../lib/problem.ts';
import type { RequestState } from '../context.ts';

/**
 * Names in a Host header that no foreign DNS server can point at this machine: addresses, `localhost` and one label below
 * it. Deliberately fewer than the addresses that settings accept as loopback.
 */
const LOOPBACK_NAME = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Accepts only loopback names and the public host name in the Host header. Without sign-in every caller is the local
 * developer, so a foreign site whose name resolves to 127.0.0.1 could otherwise read the console (DNS rebinding).
 */
export function hostCheck(publicUrl: string): Middleware<RequestState> {
  const publicHostname = new URL(publicUrl).hostname;
  return async (ctx, next) => {
    // Reads the header directly: X-Forwarded-Host, which ctx.host would use, can be forged.
    const hostname = (ctx.req.headers.host ?? '').replace(/:\d+$/, '');
    if (!LOOPBACK_NAME.test(hostname) && hostname.toLowerCase() !== publicHostname) {
      throw new Problem('forbidden', 'Unknown Host header. Open the console at its own address.');
    }
    await next();
  };
}
