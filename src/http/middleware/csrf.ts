import { randomBytes } from 'node:crypto';
import type { Middleware } from 'koa';
import { Problem } from '../../lib/problem.ts';
import type { Ctx, RequestState } from '../context.ts';
import type { CookieJar } from '../cookies.ts';
import { type Signer, sameText } from '../signing.ts';

export interface Csrf {
  /** Refuses what another site makes a browser send. */
  guard: Middleware<RequestState>;
  /** The token for the forms of this page; sets the cookie that goes with it. */
  token(ctx: Ctx): string;
  /** Throws unless a form brought the token that its browser's cookie holds. */
  check(ctx: Ctx, submitted: string | undefined): void;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Two lines of defence for requests that change something: where they come from, as browsers say it in
 * Sec-Fetch-Site or Origin; and for forms a token, signed for this very session, that must come both in the form
 * and in a cookie. Requests with a Bearer token need neither. Those of a session need the first always, and the
 * second unless they are JSON, which no other site can have sent without asking us.
 */
export function createCsrf({ jar, signer, publicUrl }: { jar: CookieJar; signer: Signer; publicUrl: string }): Csrf {
  const purposeOf = ({ state }: Ctx) => `csrf ${state.session?.id ?? state.principal?.name ?? ''}`;

  function current(ctx: Ctx): string | null {
    const cookie = jar.get(ctx, 'csrf');
    return cookie !== undefined && signer.open(purposeOf(ctx), cookie) !== null ? cookie : null;
  }

  return {
    async guard(ctx, next) {
      if (!READS.has(ctx.method) && !ctx.state.bearer && !isOwnSite(ctx, new URL(publicUrl))) {
        throw new Problem('csrf', 'This request was made by a page of another site.');
      }
      await next();
    },
    token(ctx) {
      const held = current(ctx);
      if (held !== null) return held;
      const fresh = signer.sign(purposeOf(ctx), randomBytes(18).toString('base64url'));
      jar.set(ctx, 'csrf', fresh);
      return fresh;
    },
    check(ctx, submitted) {
      if (ctx.state.bearer || ctx.state.principal === null) return;
      if (submitted === undefined && (ctx.state.session === null || ctx.is('json'))) return;
      const held = current(ctx);
      if (held === null || !sameText(held, submitted ?? '')) {
        throw new Problem('csrf', 'This form is no longer valid. Reload the page and try again.');
      }
    },
  };
}

function isOwnSite(ctx: Ctx, publicUrl: URL): boolean {
  const isPerson = ctx.state.session !== null;
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = ctx.get('origin');
  // Every browser sends one of the two along with a POST; without both it is a script, and those have tokens.
  if (origin === '') return !isPerson;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  // People sign in at one address; the local developer may use any name of this machine.
  return isPerson ? from.origin === publicUrl.origin : [publicUrl.host, ctx.req.headers.host].includes(from.host);
}
