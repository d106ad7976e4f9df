import { timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Config, Role } from '../../config/config.ts';
import { isAtLeast } from '../../config/roles.ts';
import { digestOf } from '../../identity/signedToken.ts';
import { Problem } from '../../lib/problem.ts';
import type { Refuse } from '../../model/people.ts';
import type { Ctx, Principal, RequestState } from '../context.ts';
import type { Access } from '../endpoint.ts';
import { isSenderPath } from '../senderToken.ts';
import type { SessionCookie } from '../sessionCookie.ts';
import type { FailedAttempts } from './failedAttempts.ts';

const DEVELOPER: Principal = { kind: 'developer', name: 'local developer', role: 'admin', source: null };

/** Where wrong tokens are counted. */
export interface WrongTokens {
  failures: FailedAttempts;
  refused: Refuse;
}

interface Deps extends WrongTokens {
  /** null without a sign-in provider: callers without a token are then the local developer. */
  sessions: SessionCookie | null;
}

/**
 * Sets the principal: from the Bearer token of a script or an alert sender; else from the session of a signed-in person;
 * else, without a sign-in provider, the local developer (the console then listens on loopback only). A request with an
 * invalid token is refused even if it also carries a valid session.
 */
export function authenticate(
  config: Pick<Config, 'apiTokens' | 'ingestTokens'>,
  { failures, refused, sessions }: Deps,
): Middleware<RequestState> {
  const tokens = createKnownTokens(config);

  return async (ctx, next) => {
    const header = ctx.get('authorization');
    if (isSenderPath(ctx.path)) {
      // These routes check the token themselves: senders give it in ways of their own. No browser adds such a header.
      ctx.state.principal = sessions === null ? DEVELOPER : null;
      ctx.state.bearer = header !== '' || ctx.get('x-api-key') !== '';
    } else if (header !== '') {
      const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
      ctx.state.principal = findPrincipal(tokens(), token);
      ctx.state.principalNow = () => findPrincipal(tokens(), token);
      if (ctx.state.principal === null) return refuseToken(ctx, { failures, refused });
      ctx.state.source = ctx.state.principal.source;
      ctx.state.bearer = true;
    } else if (sessions === null) {
      ctx.state.principal = DEVELOPER;
    } else {
      await sessions.authenticate(ctx);
    }
    await next();
  };
}

interface KnownToken {
  digest: Buffer;
  principal: Principal;
}

/** Computed again if the tokens were replaced. */
function createKnownTokens(config: Pick<Config, 'apiTokens' | 'ingestTokens'>): () => KnownToken[] {
  let of: unknown[] = [];
  let tokens: KnownToken[] = [];
  return () => {
    const { apiTokens, ingestTokens } = config;
    if (of[0] !== apiTokens || of[1] !== ingestTokens) {
      of = [apiTokens, ingestTokens];
      tokens = knownTokens({ apiTokens, ingestTokens });
    }
    return tokens;
  };
}

function knownTokens({ apiTokens, ingestTokens }: Pick<Config, 'apiTokens' | 'ingestTokens'>): KnownToken[] {
  return [
    ...apiTokens.map(({ name, role, token }): KnownToken => {
      return { digest: digestOf(token), principal: { kind: 'token', name: `token ${name}`, role, source: null } };
    }),
    ...ingestTokens.map(({ source, token }): KnownToken => {
      return { digest: digestOf(token), principal: { kind: 'sender', name: `sender ${source}`, role: null, source } };
    }),
  ];
}

/** Compares digests of equal length with every known one, so that the time taken reveals nothing about a token. */
function findPrincipal(tokens: KnownToken[], token: string | undefined): Principal | null {
  const digest = digestOf(token ?? '');
  let found: Principal | null = null;
  for (const { digest: candidate, principal } of tokens) {
    if (timingSafeEqual(candidate, digest)) found = principal;
  }
  return token === undefined ? null : found;
}

/** Records a wrong token, and throws 401, or 429 after too many from the network. */
export async function refuseToken(ctx: Ctx, { failures, refused }: WrongTokens): Promise<never> {
  refused('invalid_token', ctx.ip);
  const waitSeconds = await failures.count(ctx.ip);
  ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
  if (waitSeconds === null) throw new Problem('unauthenticated', 'Invalid token.');
  ctx.set('Retry-After', String(waitSeconds));
  throw new Problem('too_many_requests', `Too many invalid tokens from your network. Try again in ${waitSeconds} s.`);
}

export function has(principal: Principal | null, role: Role): boolean {
  return principal?.role != null && isAtLeast(principal.role, role);
}

/** Throws 401 for a caller that is not authenticated, and 403 for one that lacks `access`. */
export function authorize(ctx: Ctx, access: Access): void {
  if (access === 'anyone') return;
  const { principal, authenticationError } = ctx.state;
  if (authenticationError !== null) throw authenticationError;
  if (principal === null) {
    ctx.set('WWW-Authenticate', 'Bearer');
    throw new Problem('unauthenticated', 'Sign in, or send an API token as a Bearer token.');
  }
  if (access === 'sender') {
    if (principal.kind === 'sender' || principal.kind === 'developer') return;
    throw new Problem('forbidden', 'Sending alerts requires a token from INGEST_TOKENS.');
  }
  if (principal.kind === 'sender') throw new Problem('forbidden', 'This token may only send alerts.');
  if (!has(principal, access)) throw new Problem('forbidden', `This requires the role ${access}.`);
}

/**
 * Throws 403 if a person changes something that only admins may, and entered their credentials too long ago. 0 minutes
 * means no such limit.
 */
export function requireRecentSignIn({ state, method }: Ctx, access: Access, minutes: number): void {
  if (minutes === 0 || access !== 'admin' || method === 'GET' || method === 'HEAD' || state.session === null) return;
  const { authenticatedMs } = state.session;
  if (authenticatedMs !== null && authenticatedMs <= minutes * 60_000) return;
  throw new Problem('sign_in_again', `This requires a sign-in within the last ${minutes} minutes.`);
}
