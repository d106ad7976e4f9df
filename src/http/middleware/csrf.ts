import { randomBytes } from 'node:crypto';
import type { Middleware } from 'koa';
import { Problem } from '../../lib/problem.ts';
import type { Ctx, RequestState } from '../context.ts';
import type { CookieJar } from '../cookies.ts';
import { maskedToken, matchesToken } from '../maskedToken.ts';
import { isSenderPath } from '../senderToken.ts';
import type { Signer } from '../signing.ts';

export interface Csrf {
  /** Refuses requests that another site made the browser send. */
  guard: Middleware<RequestState>;
  /** The token for the forms of this page, different each time; sets the cookie that goes with it. */
  token(ctx: Ctx): string;
  /** Throws Problem `csrf` unless the form's token matches the cookie. */
  check(ctx: Ctx, submitted: string | undefined): void;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Two checks for requests that change something. First, their origin, from Sec-Fetch-Site or Origin. Second, for forms,
 * a token signed for the session that must be both in the form, masked, and in a cookie. Requests with a Bearer token need
 * neither. JSON needs only the first: another site cannot send JSON without a CORS preflight, which is never granted.
 */
export function createCsrf({ jar, signer, publicUrl }: { jar: CookieJar; signer: Signer; publicUrl: string }): Csrf {
  const purposeOf = ({ state }: Ctx) => `csrf ${state.session?.id ?? state.principal?.name ?? ''}`;

  function current(ctx: Ctx): string | null {
    const cookie = jar.get(ctx, 'csrf');
    return cookie !== undefined && signer.verify(purposeOf(ctx), cookie) !== null ? cookie : null;
  }

  return {
    async guard(ctx, next) {
      if (isChange(ctx) && !ctx.state.bearer && !isOwnSite(ctx, new URL(publicUrl))) {
        throw new Problem('csrf', 'This request came from another site and was refused.');
      }
      await next();
    },
    token(ctx) {
      const existing = current(ctx);
      if (existing !== null) return maskedToken(existing);
      const fresh = signer.sign(purposeOf(ctx), randomBytes(18).toString('base64url'));
      jar.set(ctx, 'csrf', fresh);
      return maskedToken(fresh);
    },
    check(ctx, submitted) {
      if (ctx.state.bearer || ctx.state.principal === null) return;
      if (submitted === undefined && (ctx.state.session === null || ctx.is('json'))) return;
      const expected = current(ctx);
      if (expected === null || !matchesToken(expected, submitted ?? '')) {
        throw new Problem('csrf', 'This form has expired. Reload the page and try again.');
      }
    },
  };
}

/** Some senders send a GET, which is stored like any other request. */
const isChange = ({ method, path }: Ctx): boolean =>
  !SAFE_METHODS.has(method) || (method === 'GET' && isSenderPath(path));

function isOwnSite(ctx: Ctx, publicUrl: URL): boolean {
  const isPerson = ctx.state.session !== null;
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = ctx.get('origin');
  // Every browser sends one of the two headers with a POST. A request with neither is from a script, which needs a token.
  if (origin === '') return !isPerson;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  // People sign in at the public address; the local developer may use any name of this machine.
  return isPerson ? from.origin === publicUrl.origin : [publicUrl.host, ctx.req.headers.host].includes(from.host);
}
