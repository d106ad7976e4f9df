import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import type { RequestState } from '../context.ts';

const YEAR_S = 31_536_000;

/** What browsers must refuse on our behalf: every script, style and frame that is not ours. */
export function securityHeaders(publicUrl: string): Middleware<RequestState>[] {
  const https = new URL(publicUrl).protocol === 'https:';
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    // With `no-referrer` browsers send `Origin: null`, which our own check of the origin would refuse.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https ? { maxAge: YEAR_S, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
  return [
    headers as Middleware<RequestState>,
    async (ctx, next) => {
      ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      // Tickets and customers are nobody else's business: nothing of it stays in a cache.
      ctx.set('Cache-Control', 'no-store');
      await next();
    },
  ];
}
