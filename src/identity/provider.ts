import * as openid from 'openid-client';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { namesGroups } from './person.ts';
import { isSafeAddress, providerFetch } from './providerFetch.ts';
import { codeOf, refusesClient } from './providerTrouble.ts';
import { newAttempt, type SignInAttempt } from './signInAttempt.ts';

type Oidc = NonNullable<Config['oidc']>;
type Claims = Record<string, unknown>;

/** What the provider vouches for. */
export interface Vouched {
  subject: string;
  claims: Claims;
  idToken: string;
}

/** The OpenID provider, as little of it as signing in takes. Whatever fails throws the error of openid-client. */
export interface Provider {
  /** Its host, for people. */
  readonly host: string;
  /** Why it cannot be used at this moment, as a code; null where it can. Never throws. */
  trouble(): Promise<string | null>;
  /** Where a browser goes to be asked who it is. */
  authorizationUrl(attempt: SignInAttempt, prompt?: 'login'): Promise<string>;
  /** Turns the answer that the browser came back with into who it is. */
  exchange(answer: URLSearchParams, attempt: SignInAttempt): Promise<Vouched>;
  /** Where a browser goes to sign out there, too; null where the provider offers nothing of the kind. */
  signOutUrl(idToken: string, backTo: string): Promise<string | null>;
  /** Whether the provider takes our client id and secret, found out with a code that is none; a code of what went wrong otherwise. */
  knowsClient(): Promise<true | string>;
}

/** One call; a whole sign-in takes up to three of them and has to be answered within five seconds. */
const CALL_S = 4;
const DISCOVERY_S = 3;
/** Clocks of two houses differ. */
const CLOCK_TOLERANCE_S = 60;
/** A provider that did not answer is asked again after this. */
const PAUSE_MS = 5_000;
/** What the provider says about itself is asked for anew this often, while the old is still used. */
const FRESH_MS = 3_600_000;

interface Deps {
  oidc: Oidc;
  publicUrl: string;
  log: Log;
  now?: () => number;
}

export const callbackOf = (publicUrl: string): string => `${publicUrl}/sign-in/callback`;

/** Asks nothing until it is used, so a provider that is away stops no start. */
export function createProvider({ oidc, publicUrl, log, now = () => performance.now() }: Deps): Provider {
  const { issuerUrl, clientId, clientSecret, scope, roleClaim } = oidc;
  const authentication = createAuthentication(clientSecret);
  let known: { configuration: openid.Configuration; since: number } | null = null;
  let failed: { error: unknown; at: number } | null = null;
  let asking: Promise<openid.Configuration> | null = null;

  function discover(): Promise<openid.Configuration> {
    const isPlain = new URL(issuerUrl).protocol === 'http:';
    // Without the last of these, a signature would count as checked because the answer came over TLS.
    const execute = [...(isPlain ? [openid.allowInsecureRequests] : []), openid.enableNonRepudiationChecks];
    const metadata = { client_secret: clientSecret, [openid.clockTolerance]: CLOCK_TOLERANCE_S };
    return openid.discovery(new URL(issuerUrl), clientId, metadata, authentication.present, {
      execute,
      timeout: DISCOVERY_S,
      [openid.customFetch]: providerFetch,
    });
  }

  function ask(): Promise<openid.Configuration> {
    asking ??= discover()
      .then((configuration) => {
        configuration.timeout = CALL_S;
        known = { configuration, since: now() };
        failed = null;
        return configuration;
      })
      .catch((error: unknown) => {
        failed = { error, at: now() };
        log.warn(
          { code: codeOf(error) },
          'the identity provider cannot be used; it is asked again at the next sign-in',
        );
        throw error;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  }

  async function configured(): Promise<openid.Configuration> {
    const isPause = failed !== null && now() - failed.at < PAUSE_MS;
    if (known !== null) {
      if (now() - known.since > FRESH_MS && !isPause) ask().catch(() => undefined);
      return known.configuration;
    }
    if (isPause) throw failed?.error;
    return ask();
  }

  /** Some providers put next to nothing into the token itself. */
  async function completed(
    configuration: openid.Configuration,
    claims: Claims & { sub: string },
    accessToken: string,
  ): Promise<Claims> {
    const isEnough = namesGroups(claims, roleClaim) && (claims.email ?? claims.preferred_username) !== undefined;
    if (isEnough || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await openid.fetchUserInfo(configuration, accessToken, claims.sub)), ...claims };
  }

  return {
    host: new URL(issuerUrl).host,

    trouble: () => configured().then(() => null, codeOf),

    async authorizationUrl(attempt, prompt) {
      const url = openid.buildAuthorizationUrl(await configured(), {
        redirect_uri: callbackOf(publicUrl),
        scope,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ...(prompt === undefined ? {} : { prompt }),
      });
      if (!isSafeAddress(url.href)) throw new Error('the provider has people sign in without TLS');
      return url.href;
    },

    async exchange(answer, attempt) {
      const configuration = await configured();
      // Our own address and not the one that the request came to: a Host header is anybody's.
      const url = new URL(`${callbackOf(publicUrl)}?${answer}`);
      const tokens = await authentication.tried(configuration, () =>
        openid.authorizationCodeGrant(configuration, url, {
          expectedState: attempt.state,
          expectedNonce: attempt.nonce,
          pkceCodeVerifier: attempt.verifier,
          idTokenExpected: true,
        }),
      );
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined)
        throw new Error('the provider says nothing of who it is');
      return {
        subject: claims.sub,
        claims: await completed(configuration, claims, tokens.access_token),
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
      const made = { code: 'no-code', redirect_uri: callbackOf(publicUrl), code_verifier: verifier };
      try {
        const configuration = await configured();
        await authentication.tried(configuration, () =>
          openid.genericGrantRequest(configuration, 'authorization_code', made),
        );
        return true;
      } catch (error) {
        // It found fault with the code, so it had none to find with us.
        return codeOf(error) === 'invalid_grant' || codeOf(error);
      }
    },
  };
}

/**
 * How the client shows its secret is agreed when it is registered, and nobody remembers it: the usual way is tried
 * first, and the other once it was refused. A refused client has not spent the code yet.
 */
function createAuthentication(secret: string) {
  const ways = { basic: openid.ClientSecretBasic(secret), post: openid.ClientSecretPost(secret) };
  let way: keyof typeof ways = 'basic';
  const present: openid.ClientAuth = (...request) => ways[way](...request);

  return {
    present,
    async tried<T>(configuration: openid.Configuration, call: () => Promise<T>): Promise<T> {
      const offered = configuration.serverMetadata().token_endpoint_auth_methods_supported;
      if (offered && !offered.includes('client_secret_basic')) way = 'post';
      try {
        return await call();
      } catch (error) {
        if (!refusesClient(error)) throw error;
        const before = way;
        way = before === 'basic' ? 'post' : 'basic';
        return call().catch((again: unknown) => {
          way = before;
          throw again;
        });
      }
    },
  };
}
