import * as openid from 'openid-client';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { hasRoleClaim } from './person.ts';
import { isSafeAddress, providerFetch } from './providerFetch.ts';
import { errorCode, isClientRefused } from './providerTrouble.ts';
import { newAttempt, type SignInAttempt } from './signInAttempt.ts';

type Oidc = NonNullable<Config['oidc']>;
type Claims = Record<string, unknown>;

/** A person as the provider identified them. */
export interface ProviderIdentity {
  subject: string;
  claims: Claims;
  idToken: string;
}

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
  /** The address that signs a browser out of the provider; null if it has none. */
  signOutUrl(idToken: string, backTo: string): Promise<string | null>;
  /** Tests our client id and secret with an invalid code: true if the provider accepts them, else an error code. */
  knowsClient(): Promise<true | string>;
}

/** The limit of one call. A sign-in needs up to three calls, and has a limit of its own. */
const CALL_S = 4;
const DISCOVERY_S = 3;
const CLOCK_TOLERANCE_S = 60;
/** After a failed discovery, the pause before the next one. */
const PAUSE_MS = 5_000;
/** Metadata older than this is fetched again in the background. */
const FRESH_MS = 3_600_000;

interface Deps {
  oidc: Oidc;
  publicUrl: string;
  log: Log;
  now?: () => number;
}

export const callbackUrl = (publicUrl: string): string => `${publicUrl}/sign-in/callback`;

/** Makes no call until it is used, so the console starts while the provider is unavailable. */
export function createProvider({ oidc, publicUrl, log, now = () => performance.now() }: Deps): Provider {
  const { issuerUrl, clientId, clientSecret, scope, roleClaim } = oidc;
  const authentication = createAuthentication(clientSecret);
  let discovered: { configuration: openid.Configuration; at: number } | null = null;
  let failed: { error: unknown; at: number } | null = null;
  let discovering: Promise<openid.Configuration> | null = null;

  function discover(): Promise<openid.Configuration> {
    const isPlain = new URL(issuerUrl).protocol === 'http:';
    // Without enableNonRepudiationChecks, a response over TLS would be accepted without checking its signature.
    const execute = [...(isPlain ? [openid.allowInsecureRequests] : []), openid.enableNonRepudiationChecks];
    const metadata = { client_secret: clientSecret, [openid.clockTolerance]: CLOCK_TOLERANCE_S };
    return openid.discovery(new URL(issuerUrl), clientId, metadata, authentication.present, {
      execute,
      timeout: DISCOVERY_S,
      [openid.customFetch]: providerFetch,
    });
  }

  function sharedDiscovery(): Promise<openid.Configuration> {
    discovering ??= discover()
      .then((configuration) => {
        configuration.timeout = CALL_S;
        discovered = { configuration, at: now() };
        failed = null;
        return configuration;
      })
      .catch((error: unknown) => {
        failed = { error, at: now() };
        log.warn({ code: errorCode(error) }, 'the identity provider cannot be used; will retry at the next sign-in');
        throw error;
      })
      .finally(() => {
        discovering = null;
      });
    return discovering;
  }

  async function configured(): Promise<openid.Configuration> {
    const isPause = failed !== null && now() - failed.at < PAUSE_MS;
    if (discovered !== null) {
      if (now() - discovered.at > FRESH_MS && !isPause) sharedDiscovery().catch(() => undefined);
      return discovered.configuration;
    }
    if (isPause) throw failed?.error;
    return sharedDiscovery();
  }

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
        }),
      );
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined) throw new Error('the provider sent no ID token');
      return {
        subject: claims.sub,
        claims: await completeClaims(configuration, claims, tokens.access_token),
        idToken: tokens.id_token,
      };
    },

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

/**
 * Sends the client secret by HTTP Basic, and retries in the body if that is refused (or the reverse): which method the
 * client was registered with is not in the settings. A refused client has not used up the authorization code.
 */
function createAuthentication(secret: string) {
  const methods = { basic: openid.ClientSecretBasic(secret), post: openid.ClientSecretPost(secret) };
  let method: keyof typeof methods = 'basic';
  const present: openid.ClientAuth = (...request) => methods[method](...request);

  return {
    present,
    async call<T>(configuration: openid.Configuration, request: () => Promise<T>): Promise<T> {
      const supported = configuration.serverMetadata().token_endpoint_auth_methods_supported;
      if (supported && !supported.includes('client_secret_basic')) method = 'post';
      try {
        return await request();
      } catch (error) {
        if (!isClientRefused(error)) throw error;
        const previous = method;
        method = previous === 'basic' ? 'post' : 'basic';
        return request().catch((secondError: unknown) => {
          method = previous;
          throw secondError;
        });
      }
    },
  };
}
