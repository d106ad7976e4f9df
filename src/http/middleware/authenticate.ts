import { timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Config, Role } from '../../config/config.ts';
import { isAtLeast } from '../../config/roles.ts';
import { digestOf } from '../../identity/signedToken.ts';
import { Problem } from '../../lib/problem.ts';
import type { Ctx, Principal, RequestState } from '../context.ts';
import type { Access } from '../endpoint.ts';
import type { SessionKeeper } from '../sessionKeeper.ts';
import type { FailedAttempts } from './failedAttempts.ts';

const DEVELOPER: Principal = { kind: 'developer', name: 'local developer', role: 'admin', source: null };

interface Deps {
  failures: FailedAttempts;
  /** null: nobody signs in here, and who comes without a token is the local developer. */
  sessions: SessionKeeper | null;
}

/**
 * Says who is calling: by a Bearer token of a script or an alert sender; by the session of a person who signed in;
 * or, where no sign-in provider is set, the local developer (the console then serves on loopback only). A wrong
 * token is never overlooked in favour of another way in.
 */
export function authenticate(
  config: Pick<Config, 'apiTokens' | 'ingestTokens'>,
  { failures, sessions }: Deps,
): Middleware<RequestState> {
  const known = knownTokens(config);

  return async (ctx, next) => {
    const header = ctx.get('authorization');
    if (header !== '') {
      ctx.state.principal = byToken(known, /^Bearer +(\S+)$/i.exec(header)?.[1]);
      if (ctx.state.principal === null) refuseToken(ctx, await failures.count(ctx.ip));
      ctx.state.bearer = true;
    } else if (sessions === null) {
      ctx.state.principal = DEVELOPER;
    } else {
      await sessions.recognise(ctx);
    }
    await next();
  };
}

interface Known {
  digest: Buffer;
  principal: Principal;
}

function knownTokens({ apiTokens, ingestTokens }: Pick<Config, 'apiTokens' | 'ingestTokens'>): Known[] {
  return [
    ...apiTokens.map(({ name, role, token }): Known => {
      return { digest: digestOf(token), principal: { kind: 'token', name: `token ${name}`, role, source: null } };
    }),
    ...ingestTokens.map(({ source, token }): Known => {
      return { digest: digestOf(token), principal: { kind: 'sender', name: `sender ${source}`, role: null, source } };
    }),
  ];
}

/** Digests are of one length, and every known one is compared: the time it takes says nothing about a token. */
function byToken(known: Known[], token: string | undefined): Principal | null {
  const digest = digestOf(token ?? '');
  let found: Principal | null = null;
  for (const { digest: candidate, principal } of known) {
    if (timingSafeEqual(candidate, digest)) found = principal;
  }
  return token === undefined ? null : found;
}

function refuseToken(ctx: Ctx, waitSeconds: number | null): never {
  ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
  if (waitSeconds === null) throw new Problem('unauthenticated', 'This token is not known here.');
  ctx.set('Retry-After', String(waitSeconds));
  throw new Problem('too_many_requests', `Too many wrong tokens from here. Try again in ${waitSeconds} s.`);
}

export function has(principal: Principal | null, role: Role): boolean {
  return principal?.role != null && isAtLeast(principal.role, role);
}

/** Throws unless the caller may do what asks for `access`: 401 for nobody, 403 for the wrong one. */
export function authorize(ctx: Ctx, access: Access): void {
  if (access === 'anyone') return;
  const { principal, unknown } = ctx.state;
  if (unknown !== null) throw unknown;
  if (principal === null) {
    ctx.set('WWW-Authenticate', 'Bearer');
    throw new Problem('unauthenticated', 'Sign in, or send an API token as Bearer.');
  }
  if (access === 'sender') {
    if (principal.kind === 'sender' || principal.kind === 'developer') return;
    throw new Problem('forbidden', 'Alerts are taken from the tokens of alert senders only.');
  }
  if (principal.kind === 'sender') throw new Problem('forbidden', 'This token delivers alerts and reads nothing.');
  if (!has(principal, access)) throw new Problem('forbidden', `This needs the role ${access}.`);
}
