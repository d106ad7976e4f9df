import { timingSafeEqual } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { digestOf } from '../identity/signedToken.ts';
import { Problem } from '../lib/problem.ts';
import type { Refuse } from '../model/people.ts';
import type { SourceToken } from '../model/senders.ts';
import type { Ctx } from './context.ts';
import type { FailedAttempts } from './middleware/failedAttempts.ts';

/** The router, too, ignores case and a slash at the end. */
const SENDER_PATH = /^\/(?:v2\/enqueue\/?$|api\/webhooks\/(?!freescout\/?$))/i;

/** Paths on which senders authenticate in their own ways. */
export const isSenderPath = (path: string): boolean => SENDER_PATH.test(path);

/** The path without what may be a token, for the log. */
export const withoutToken = (path: string): string =>
  isSenderPath(path) ? path.replace(/^(\/api\/webhooks\/[^/]*)\/.*$/is, '$1/…') : path;

/** The secret that a sender put into a header, in one of the ways in which senders can. */
export function tokenInHeaders(ctx: Ctx): string | undefined {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(ctx.get('authorization').trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'geniekey':
      return value;
    case 'basic':
      // The user name is of no importance.
      return Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
  }
  // A header that cannot be read is a wrong token, not a missing one.
  if (ctx.get('authorization') !== '') return '';
  return ctx.get('x-api-key') || ctx.get('x-routing-key') || undefined;
}

interface Deps {
  /** The tokens in it may be replaced while the program runs. Those of CONSOLE_API_TOKENS may not send alerts. */
  config: Pick<Config, 'ingestTokens' | 'apiTokens'>;
  /** Those that the surfaces file names. */
  sourceTokens: () => Promise<SourceToken[]>;
  /** Whether the surfaces file lists the source. */
  isDeclared: (source: string) => Promise<boolean>;
  /** Of tokens. */
  failures: FailedAttempts;
  refused: Refuse;
}

interface Given {
  /** In a header or in the body. */
  token: string | undefined;
  /** What follows the sender in the path: a source, a token, or both. */
  first: string | undefined;
  second: string | undefined;
  /** The source of the local developer who names none. */
  fallback: string;
}

export type FindSource = (ctx: Ctx, given: Given) => Promise<string>;

/** Names the source of a request. Throws 401 for a wrong token, and 403 for one of another source. */
export function createFindSource({ config, sourceTokens, isDeclared, failures, refused }: Deps): FindSource {
  async function sourceOf(token: string): Promise<string | null> {
    return matching(config.ingestTokens, token) ?? matching(await sourceTokens(), token);
  }

  return async (ctx, { token, first, second, fallback }) => {
    // A proxy in between may want a header of its own, so that the token in the path counts more.
    const secret = second ?? token;
    if (secret !== undefined) {
      const source = await sourceOf(secret);
      if (source === null) return refuse(ctx, secret, first);
      ctx.state.source = source;
      if (first !== undefined && first !== source)
        throw new Problem('forbidden', `This token may only send ${source}.`);
      return source;
    }
    const source = first === undefined ? null : await sourceOf(first);
    ctx.state.source = source;
    if (source !== null) return source;
    if (ctx.state.principal?.kind === 'developer') return first ?? fallback;
    return refuse(ctx, first, first);
  };

  /** Without a valid token a caller can name any source, so only a source that may send is counted. */
  async function isKnown(source: string): Promise<boolean> {
    return config.ingestTokens.some((known) => known.source === source) || (await isDeclared(source));
  }

  async function refuse(ctx: Ctx, secret: string | undefined, named: string | undefined): Promise<never> {
    ctx.set('WWW-Authenticate', 'Bearer');
    if (secret === undefined) throw new Problem('unauthenticated', 'Send the token of the source.');
    if (
      matching(
        config.apiTokens.map(({ token }) => ({ token, source: 'api' })),
        secret,
      ) !== null
    ) {
      throw new Problem('forbidden', 'Sending alerts requires the token of a source.');
    }
    // Counts help people only: a source that cannot be looked up changes no answer.
    const isOfSource = named !== undefined && (await isKnown(named).catch(() => false));
    refused('invalid_token', ctx.ip, isOfSource ? named : null);
    const waitSeconds = await failures.count(ctx.ip);
    if (waitSeconds === null) throw new Problem('unauthenticated', 'Invalid token.');
    ctx.set('Retry-After', String(waitSeconds));
    throw new Problem('too_many_requests', `Too many invalid tokens from your network. Try again in ${waitSeconds} s.`);
  }
}

/** Compares with every token, so that the time taken reveals nothing about them. */
function matching(tokens: readonly SourceToken[], secret: string): string | null {
  const digest = digestOf(secret);
  let found: string | null = null;
  for (const { source, token } of tokens) if (timingSafeEqual(digestOf(token), digest)) found = source;
  return secret === '' ? null : found;
}
