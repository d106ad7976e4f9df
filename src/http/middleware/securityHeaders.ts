import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import type { RequestState } from '../context.ts';

const YEAR_S = 31_536_000;

/** Security headers: browsers load scripts and styles from this origin only, and never show the console in a frame. */
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
    // With `no-referrer` browsers send `Origin: null`, which the CSRF check refuses.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https ? { maxAge: YEAR_S, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
  return [
    headers as Middleware<RequestState>,
    async (ctx, next) => {
      ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      // Pages contain customer data, so nothing may be cached.
      ctx.set('Cache-Control', 'no-store');
      await next();
    },
  ];
}
