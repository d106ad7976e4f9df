import * as jose from 'jose';
import type { Configuration } from 'openid-client';
import { z } from 'zod';
import type { Outgoing } from '../net/outgoing.ts';
import { createProviderFetch } from './providerFetch.ts';

/** Who signed out at the provider: a session of the provider, a person, or both. */
export interface LogoutNotice {
  subject: string | null;
  providerSession: string | null;
  /** The provider uses each id once. */
  id: string;
}

/** The token is not one of the provider for this client. */
export class LogoutTokenError extends Error {
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`the logout token is not valid (${code})`, options);
    this.name = 'LogoutTokenError';
    this.code = code;
  }
}

/** Anybody can send a token, so no other algorithm is tried: never one that uses our own secret, and never none. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TYPES = ['jwt', 'logout+jwt', 'application/logout+jwt'];
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const CLOCK_TOLERANCE_S = 60;
/** Providers send it at once, and repeat it within minutes. */
const MAX_AGE_S = 600;
const CALL_MS = 4_000;
/** After the keys could not be fetched, the pause before the next call. */
const PAUSE_MS = 5_000;

const claimsSchema = z.object({
  jti: z.string().min(1),
  sub: z.string().min(1).optional(),
  sid: z.string().min(1).optional(),
  events: z.looseObject({ [EVENT]: z.looseObject({}) }),
  // An ID token has one, and must not pass for a logout token.
  nonce: z.undefined().optional(),
});

const NO_SUCH_KEY = [jose.errors.JWKSNoMatchingKey, jose.errors.JWKSMultipleMatchingKeys];

interface Deps {
  clientId: string;
  outgoing: Outgoing;
  /** A monotonic clock in milliseconds. */
  now: () => number;
}

/** Verifies the tokens of OpenID Connect Back-Channel Logout 1.0. Each can be verified any number of times. */
export function createLogoutTokens({ clientId, outgoing, now }: Deps) {
  const fetchSafely = createProviderFetch(outgoing);
  let keys: { uri: string; find: jose.JWTVerifyGetKey } | null = null;
  let failed: { error: unknown; at: number } | null = null;

  function keysAt(uri: string): jose.JWTVerifyGetKey {
    const remote = jose.createRemoteJWKSet(new URL(uri), {
      timeoutDuration: CALL_MS,
      [jose.customFetch]: (url, { headers, ...options }) =>
        fetchSafely(url, { ...options, headers: Object.fromEntries(headers), body: undefined }),
    });
    return async (header, token) => {
      if (failed !== null && now() - failed.at < PAUSE_MS) throw new KeysError(failed.error);
      try {
        return await remote(header, token);
      } catch (error) {
        if (NO_SUCH_KEY.some((kind) => error instanceof kind)) throw error;
        failed = { error, at: now() };
        throw new KeysError(error);
      }
    };
  }

  /** Throws LogoutTokenError for a token that is not valid, and other errors if the keys cannot be fetched. */
  async function verify(token: string, configuration: Configuration): Promise<LogoutNotice> {
    const metadata = configuration.serverMetadata();
    const { issuer, jwks_uri: uri } = metadata;
    if (uri === undefined) throw new KeysError(new Error('the provider names no keys'));
    if (keys?.uri !== uri) keys = { uri, find: keysAt(uri) };
    const { payload, protectedHeader } = await jose
      .jwtVerify(token, keys.find, {
        issuer,
        audience: clientId,
        algorithms: algorithmsOf(metadata.id_token_signing_alg_values_supported),
        clockTolerance: CLOCK_TOLERANCE_S,
        maxTokenAge: MAX_AGE_S,
      })
      .catch((error: unknown) => {
        if (error instanceof KeysError) throw error.cause;
        throw new LogoutTokenError(error instanceof jose.errors.JOSEError ? error.code : 'unreadable', {
          cause: error,
        });
      });
    if (!TYPES.includes((protectedHeader.typ ?? 'jwt').toLowerCase())) throw new LogoutTokenError('type');
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw new LogoutTokenError(String(claims.error.issues[0]?.path[0] ?? 'claims'));
    const { jti: id, sub = null, sid = null } = claims.data;
    if (sub === null && sid === null) throw new LogoutTokenError('sub');
    return { subject: sub, providerSession: sid, id };
  }

  return { verify };
}

/** Keeps an error of the keys apart from those of the token. */
class KeysError extends Error {
  constructor(cause: unknown) {
    super('the keys of the provider cannot be fetched', { cause });
    this.name = 'KeysError';
  }
}

const algorithmsOf = (listed: unknown): string[] => {
  const known = Array.isArray(listed) ? ALGORITHMS.filter((algorithm) => listed.includes(algorithm)) : [];
  return known.length === 0 ? ['RS256'] : known;
};
