import type { Middleware } from 'koa';
import { isLoopback } from '../../config/addresses.ts';
import { Problem } from '../../lib/problem.ts';
import type { RequestState } from '../context.ts';

/**
 * Accepts only loopback names and the public host name in the Host header. Without sign-in every caller is the local
 * developer, so a foreign site whose name resolves to 127.0.0.1 could otherwise read the console (DNS rebinding).
 */
export function hostCheck(publicUrl: string): Middleware<RequestState> {
  const publicHostname = new URL(publicUrl).hostname;
  return async (ctx, next) => {
    // Reads the header directly: X-Forwarded-Host, which ctx.host would use, can be forged.
    const hostname = (ctx.req.headers.host ?? '').replace(/:\d+$/, '');
    if (!isLoopback(hostname) && hostname.toLowerCase() !== publicHostname) {
      throw new Problem('forbidden', 'Unknown Host header. Open the console at its own address.');
    }
    await next();
  };
}
