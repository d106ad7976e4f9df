import * as openid from 'openid-client';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createProviderFetch } from './providerFetch.ts';
import { errorCode } from './providerTrouble.ts';

/** The limit of one call. A sign-in needs up to three calls, and has a limit of its own. */
const CALL_S = 4;
const DISCOVERY_S = 3;
const CLOCK_TOLERANCE_S = 60;
/** After a failed discovery, the pause before the next one. */
const PAUSE_MS = 5_000;
/** Metadata older than this is fetched again in the background. */
const FRESH_MS = 3_600_000;

interface Deps {
  oidc: NonNullable<Config['oidc']>;
  authentication: openid.ClientAuth;
  log: Log;
  outgoing: Outgoing;
  /** Sees each answer of the provider. */
  watched: (fetch: openid.CustomFetch) => openid.CustomFetch;
  /** A monotonic clock in milliseconds. */
  now: () => number;
}

/** The provider's metadata, fetched when it is first needed and shared by all callers. */
export interface Discovery {
  /** Throws the error of the last attempt while the pause after it lasts. */
  configured(): Promise<openid.Configuration>;
}

export function createDiscovery({ oidc, authentication, log, outgoing, watched, now }: Deps): Discovery {
  const { issuerUrl, clientId, clientSecret } = oidc;
  let discovered: { configuration: openid.Configuration; at: number } | null = null;
  let failed: { error: unknown; at: number } | null = null;
  let discovering: Promise<openid.Configuration> | null = null;

  function fetchMetadata(): Promise<openid.Configuration> {
    const isPlain = new URL(issuerUrl).protocol === 'http:';
    // Without enableNonRepudiationChecks, a response over TLS would be accepted without checking its signature.
    const execute = [...(isPlain ? [openid.allowInsecureRequests] : []), openid.enableNonRepudiationChecks];
    const metadata = { client_secret: clientSecret, [openid.clockTolerance]: CLOCK_TOLERANCE_S };
    return openid.discovery(new URL(issuerUrl), clientId, metadata, authentication, {
      execute,
      timeout: DISCOVERY_S,
      [openid.customFetch]: watched(createProviderFetch(outgoing)),
    });
  }

  function sharedDiscovery(): Promise<openid.Configuration> {
    discovering ??= fetchMetadata()
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

  return { configured };
}
