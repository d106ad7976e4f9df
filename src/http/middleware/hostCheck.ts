import type { Middleware } from 'koa';
import { Problem } from '../../lib/problem.ts';
import type { RequestState } from '../context.ts';

const LOOPBACK = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether a host name without its port means this very machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname) || hostname === '::1';
}

/**
 * Where everyone on this machine counts as signed in, a foreign page could point its own name at
 * 127.0.0.1 and read the console (DNS rebinding). So only our own names may stand in the Host header.
 */
export function hostCheck(publicUrl: string): Middleware<RequestState> {
  const publicHostname = new URL(publicUrl).hostname;
  return async (ctx, next) => {
    // The header itself: what a proxy claims in X-Forwarded-Host is what this must not rely on.
    const hostname = (ctx.req.headers.host ?? '').replace(/:\d+$/, '');
    if (!isLoopback(hostname) && hostname.toLowerCase() !== publicHostname) {
      throw new Problem('forbidden', 'This console answers only to its own address.');
    }
    await next();
  };
}
