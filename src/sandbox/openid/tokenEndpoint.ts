import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { addressOf } from '../guardPages.ts';
import { fields } from '../receiveBody.ts';
import type { Client } from './authorizationRequest.ts';
import type { Codes } from './codes.ts';
import { ALGORITHM, type IdTokens } from './idTokens.ts';
import type { Browsers, SignedIn } from './signedIn.ts';

interface Deps {
  client: Client;
  codes: Codes;
  tokens: IdTokens;
  browsers: Pick<Browsers, 'has'>;
}

/** What programs call: the description of the provider, its keys, and the exchange of codes and refresh tokens. */
export function providerApi(deps: Deps): Middleware {
  const refreshTokens = new Map<string, SignedIn>();
  return async (ctx, next) => {
    const route = `${ctx.method} ${ctx.path}`;
    if (route === 'GET /.well-known/openid-configuration') ctx.body = metadata(addressOf(ctx));
    else if (route === 'GET /jwks') ctx.body = deps.tokens.keys;
    else if (route === 'POST /token') exchange(ctx, deps, refreshTokens);
    else await next();
  };
}

function exchange(ctx: Context, deps: Deps, refreshTokens: Map<string, SignedIn>): void {
  ctx.set('Cache-Control', 'no-store');
  const given = fields(ctx);
  const answer = isClient(ctx, given, deps.client) ? answerTo(given, deps, refreshTokens) : 'invalid_client';
  if (typeof answer === 'string') {
    ctx.status = answer === 'invalid_client' ? 401 : 400;
    ctx.body = { error: answer };
    return;
  }
  const { signedIn, nonce, refresh_token } = answer;
  const id_token = deps.tokens.issue({ ...signedIn, nonce, issuer: addressOf(ctx) });
  // The console asks for nothing else, so the access token opens nothing.
  ctx.body = { access_token: 'not-used', token_type: 'Bearer', expires_in: 60, refresh_token, id_token };
}

type TokenError = 'invalid_client' | 'unsupported_grant_type' | 'invalid_grant';

function answerTo(
  given: Record<string, unknown>,
  deps: Deps,
  refreshTokens: Map<string, SignedIn>,
): (Granted & { refresh_token: string }) | TokenError {
  if (given.grant_type === 'refresh_token') {
    const refresh_token = String(given.refresh_token);
    const signedIn = refreshTokens.get(refresh_token);
    // A refresh token lasts as long as its person is signed in here.
    const lasts = signedIn !== undefined && deps.browsers.has(signedIn);
    return lasts ? { signedIn, nonce: null, refresh_token } : 'invalid_grant';
  }
  if (given.grant_type !== 'authorization_code') return 'unsupported_grant_type';
  const grant = redeemed(given, deps);
  if (grant === null) return 'invalid_grant';
  const refresh_token = randomBytes(32).toString('base64url');
  refreshTokens.set(refresh_token, grant.signedIn);
  return { ...grant, refresh_token };
}

type Granted = { signedIn: SignedIn; nonce: string | null };

/** A code of a wrong request is used up too. */
function redeemed(given: Record<string, unknown>, { client, codes }: Deps): Granted | null {
  const grant = codes.redeem(String(given.code), String(given.code_verifier));
  return given.redirect_uri === client.redirectUri ? grant : null;
}

/** Paths of the API. Faults apply to them, and no page of another site may request them. */
export const API = /^\/(\.well-known\/|jwks$|token$)/;

const metadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  end_session_endpoint: `${issuer}/session/end`,
  scopes_supported: ['openid', 'profile', 'email'],
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [ALGORITHM],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  authorization_response_iss_parameter_supported: true,
});

/** The client sends its secret in the header or in the body. */
function isClient(ctx: Context, given: Record<string, unknown>, client: Client): boolean {
  const basic = /^Basic (.+)$/i.exec(ctx.get('authorization'))?.[1];
  const [id = '', secret = ''] =
    basic === undefined
      ? [String(given.client_id), String(given.client_secret)]
      : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return id === client.id && isSame(secret, client.secret);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
