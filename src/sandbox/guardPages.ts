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
 * Protects every path of a sandbox: no unknown Host (a web site could resolve its own name to loopback), and nothing that a
 * page of another site requested, except following a link to a page. Clients of the simulated API are not browsers and send
 * none of these headers. Pages and the control path also get strict headers.
 */
export function guardPages(options: { api: RegExp; host?: string | undefined }): Middleware {
  return async (ctx, next) => {
    const isApi = options.api.test(ctx.path);
    if (!isApi) {
      ctx.set({
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'X-Content-Type-Options': 'nosniff',
        // With `no-referrer`, browsers would send `Origin: null` even for our own forms.
        'Referrer-Policy': 'same-origin',
        'Cache-Control': 'no-store',
      });
    }
    if (!LOOPBACK.has(hostName(ctx)) && hostName(ctx) !== options.host) return refuse(ctx, 'Unknown host.');
    const isLink = !isApi && ['GET', 'HEAD'].includes(ctx.method);
    if (!isLink && isForeign(ctx)) return refuse(ctx, 'Sent by another site.');
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
