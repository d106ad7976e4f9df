import * as openid from 'openid-client';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { maskSecretsIn } from '../log/secretTexts.ts';
import { createOutgoing, type Outgoing } from '../net/outgoing.ts';
import { createClientAuthentication } from './clientAuthentication.ts';
import { createDiscovery } from './discovery.ts';
import { createIssuedGrants } from './issuedGrants.ts';
import { createLogoutTokens, type LogoutNotice } from './logoutTokens.ts';
import { hasRoleClaim } from './person.ts';
import { isSafeAddress } from './providerFetch.ts';
import { errorCode } from './providerTrouble.ts';
import { newAttempt, type SignInAttempt } from './signInAttempt.ts';

type Oidc = NonNullable<Config['oidc']>;
type Claims = Record<string, unknown>;

/** A person as the provider identified them. */
export interface ProviderIdentity {
  subject: string;
  claims: Claims;
  /** When the person entered their credentials, in seconds since 1970; null if the provider does not say. */
  authenticatedAt: number | null;
  idToken: string;
  /** The refresh token; null if the provider gives none. */
  grant: string | null;
  /** The id of the session at the provider; null if it gives none. */
  providerSession: string | null;
}

/**
 * The claims of a person, or why they could not be read after the refresh token was used. `grant` is the next refresh token;
 * null if it is not replaced.
 */
export type ReadClaims = { claims: Claims; grant: string | null } | { error: unknown; grant: string | null };

/** The OpenID provider. Methods throw the errors of openid-client unless noted otherwise. */
export interface Provider {
  /** Its host, to show to people. */
  readonly host: string;
  /** A code for why the provider is unavailable, or null. Never throws. */
  trouble(): Promise<string | null>;
  /** The address that starts a sign-in in a browser. */
  authorizationUrl(attempt: SignInAttempt, prompt?: 'login'): Promise<string>;
  /** Exchanges the response that the browser brought back for the identity. */
  exchange(answer: URLSearchParams, attempt: SignInAttempt): Promise<ProviderIdentity>;
  /** Reads the claims of a person again, with the refresh token of the sign-in. */
  readAgain(grant: string, subject: string): Promise<ReadClaims>;
  /** Who signed out at the provider. Throws LogoutTokenError for a token that is not valid. */
  logoutNotice(token: string): Promise<LogoutNotice>;
  /** The address that signs a browser out of the provider; null if it has none. */
  signOutUrl(idToken: string, backTo: string): Promise<string | null>;
  /** Tests our client id and secret with an invalid code: true if the provider accepts them, else an error code. */
  knowsClient(): Promise<true | string>;
}

interface Deps {
  oidc: Oidc;
  publicUrl: string;
  log: Log;
  /** Directly if left out. */
  outgoing?: Outgoing;
  now?: () => number;
}

export const callbackUrl = (publicUrl: string): string => `${publicUrl}/sign-in/callback`;

/** Makes no call until it is used, so the console starts while the provider is unavailable. */
export function createProvider(deps: Deps): Provider {
  const { oidc, publicUrl, log, outgoing = createOutgoing(), now = () => performance.now() } = deps;
  const { issuerUrl, clientId, clientSecret, scope, roleClaim } = oidc;
  const authentication = createClientAuthentication(clientSecret);
  const grants = createIssuedGrants();
  const { watched } = grants;
  const { configured } = createDiscovery({ oidc, authentication: authentication.present, log, outgoing, watched, now });

  const logoutTokens = createLogoutTokens({ clientId, outgoing, now });

  /** Fetches the user info if the ID token has no name or no groups. */
  async function completeClaims(
    configuration: openid.Configuration,
    claims: Claims & { sub: string },
    accessToken: string,
  ): Promise<Claims> {
    const isComplete = hasRoleClaim(claims, roleClaim) && (claims.email ?? claims.preferred_username) !== undefined;
    if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await openid.fetchUserInfo(configuration, accessToken, claims.sub)), ...claims };
  }

  return {
    host: new URL(issuerUrl).host,

    trouble: () => configured().then(() => null, errorCode),

    async authorizationUrl(attempt, prompt) {
      const url = openid.buildAuthorizationUrl(await configured(), {
        redirect_uri: callbackUrl(publicUrl),
        scope,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ...(prompt === undefined ? {} : { prompt }),
        ...(attempt.maxAgeS === undefined ? {} : { max_age: String(attempt.maxAgeS) }),
      });
      if (!isSafeAddress(url.href)) throw new Error('the provider uses a sign-in page without TLS');
      return url.href;
    },

    async exchange(answer, attempt) {
      const configuration = await configured();
      // Built from PUBLIC_URL, because the Host header can be forged.
      const url = new URL(`${callbackUrl(publicUrl)}?${answer}`);
      const tokens = await authentication.call(configuration, () =>
        openid.authorizationCodeGrant(configuration, url, {
          expectedState: attempt.state,
          expectedNonce: attempt.nonce,
          pkceCodeVerifier: attempt.verifier,
          idTokenExpected: true,
          ...(attempt.maxAgeS === undefined ? {} : { maxAge: attempt.maxAgeS }),
        }),
      );
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined) throw new Error('the provider sent no ID token');
      return {
        subject: claims.sub,
        claims: maskSecretsIn(await completeClaims(configuration, claims, tokens.access_token)),
        authenticatedAt: claims.auth_time ?? null,
        idToken: tokens.id_token,
        grant: tokens.refresh_token ?? null,
        providerSession: typeof claims.sid === 'string' ? claims.sid : null,
      };
    },

    async readAgain(grant, subject) {
      const configuration = await configured();
      const { result, issued } = await grants.during(() =>
        authentication.call(configuration, () => openid.refreshTokenGrant(configuration, grant)),
      );
      // Nothing was issued, so the refresh token is as it was, or was refused.
      if (issued === null) await result;
      const next = issued?.grant ?? null;
      try {
        const tokens = await result;
        const identified = { sub: subject, ...tokens.claims() };
        // Their refresh token must not be stored for this one.
        if (identified.sub !== subject) {
          return { error: new Error('the provider answered for another person'), grant: null };
        }
        const claims = await completeClaims(configuration, identified, tokens.access_token);
        return { claims: maskSecretsIn(claims), grant: next };
      } catch (error) {
        return { error, grant: next };
      }
    },

    logoutNotice: async (token) => logoutTokens.verify(token, await configured()),

    async signOutUrl(idToken, backTo) {
      const configuration = await configured();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      const url = openid.buildEndSessionUrl(configuration, {
        id_token_hint: idToken,
        post_logout_redirect_uri: backTo,
      });
      return isSafeAddress(url.href) ? url.href : null;
    },

    async knowsClient() {
      const { verifier } = newAttempt('/');
      const parameters = { code: 'no-code', redirect_uri: callbackUrl(publicUrl), code_verifier: verifier };
      try {
        const configuration = await configured();
        await authentication.call(configuration, () =>
          openid.genericGrantRequest(configuration, 'authorization_code', parameters),
        );
        return true;
      } catch (error) {
        // Refusing only the code means that the client was accepted.
        return errorCode(error) === 'invalid_grant' || errorCode(error);
      }
    },
  };
}
