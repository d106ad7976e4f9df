import type { Context, Middleware } from 'koa';

/** Browsers check also where the answer to a form leads, so `formTargets` lists those origins. */
const contentSecurityPolicy = (formTargets: readonly string[]): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    ["form-action 'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Protects every path of a sandbox: no unknown Host (a web site could resolve its own name to loopback), and nothing that a
 * page of another site requested, except following a link to a page. Clients of the simulated API are not browsers and do
 * not send `Origin` or `Sec-Fetch-Site`. Pages and the control path also get strict headers.
 */
export function guardPages(options: {
  api: RegExp;
  host?: string | undefined;
  formTargets?: readonly string[] | undefined;
}): Middleware {
  const policy = contentSecurityPolicy(options.formTargets ?? []);
  return async (ctx, next) => {
    const isApi = options.api.test(ctx.path);
    if (!isApi) {
      ctx.set({
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
        // With `no-referrer`, browsers would send `Origin: null` even for our own forms.
        'Referrer-Policy': 'same-origin',
        'Cache-Control': 'no-store',
      });
    }
    if (!LOOPBACK.has(hostName(ctx)) && hostName(ctx) !== options.host) return refuse(ctx, 'Unknown host.');
    if (isForeign(ctx) && (isApi || !isLink(ctx))) return refuse(ctx, 'Sent by another site.');
    return next();
  };
}

/** The Host header without its port, in lower case. */
export function hostName(ctx: Context): string {
  return ctx.host.replace(/:\d+$/, '').toLowerCase();
}

/** The address of the sandbox, as the client named it. */
export const addressOf = (ctx: Context): string => `http://${ctx.host}`;

function isForeign(ctx: Context): boolean {
  const origin = ctx.get('origin');
  if (origin !== '') return origin !== addressOf(ctx);
  return !['', 'same-origin', 'none'].includes(ctx.get('sec-fetch-site'));
}

/** For a link, browsers name no origin. A script, an image or a stylesheet of another site is no link. */
function isLink(ctx: Context): boolean {
  const isOwnOrNone = ['', addressOf(ctx)].includes(ctx.get('origin'));
  return ['GET', 'HEAD'].includes(ctx.method) && isOwnOrNone && ['', 'navigate'].includes(ctx.get('sec-fetch-mode'));
}

function refuse(ctx: Context, message: string): void {
  ctx.status = 403;
  ctx.body = { message };
}
