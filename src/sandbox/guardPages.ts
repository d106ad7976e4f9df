import type { Context, Middleware } from 'koa';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Protects the pages and the control path: strict headers, no unknown Host (a web site could resolve its
 * own name to loopback), and no change requested by a page of another site. Paths of the simulated API are
 * exempt because they have their own rules.
 */
export function guardPages(options: { except: RegExp; host?: string | undefined }): Middleware {
  return async (ctx, next) => {
    if (options.except.test(ctx.path)) return next();
    ctx.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      // With `no-referrer`, browsers would send `Origin: null` even for our own forms.
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    });
    if (!LOOPBACK.has(hostName(ctx)) && hostName(ctx) !== options.host) return refuse(ctx, 'Unknown host.');
    if (!['GET', 'HEAD'].includes(ctx.method) && isForeign(ctx)) return refuse(ctx, 'Sent by another site.');
    return next();
  };
}

/** The Host header without its port, in lower case. */
export function hostName(ctx: Context): string {
  return ctx.host.replace(/:\d+$/, '').toLowerCase();
}

function isForeign(ctx: Context): boolean {
  const origin = ctx.get('origin');
  if (origin !== '') return origin !== `http://${ctx.host}`;
  return !['', 'same-origin', 'none'].includes(ctx.get('sec-fetch-site'));
}

function refuse(ctx: Context, message: string): void {
  ctx.status = 403;
  ctx.body = { message };
}
