import type { Config } from './config.ts';

/** Settings whose secrets can be replaced while the program runs, because they are read at each use. */
export interface LiveConfig {
  config: Config;
  /** Takes the secrets of settings that were read again. Returns the names of those that changed. */
  replace(next: Config): Replaced;
}

export interface Replaced {
  inForce: string[];
  /** Changed, but read only once at the start. */
  needRestart: string[];
}

const REPLACEABLE: Record<string, (config: Config) => unknown> = {
  FREESCOUT_API_KEY: ({ freescout }) => freescout.apiKey,
  FREESCOUT_WEBHOOK_SECRET: ({ freescout }) => freescout.webhookSecret,
  SLACK_BOT_TOKEN: ({ slack }) => slack.botToken,
  INGEST_TOKENS: ({ ingestTokens }) => ingestTokens,
  CONSOLE_API_TOKENS: ({ apiTokens }) => apiTokens,
  METRICS_TOKEN: ({ metricsToken }) => metricsToken,
};

const FIXED: Record<string, (config: Config) => unknown> = {
  DATABASE_URL: ({ database }) => database.url,
  DATABASE_DIRECT_URL: ({ database }) => database.directUrl,
  DATABASE_READER_URL: ({ database }) => database.readerUrl,
  OIDC_CLIENT_SECRET: ({ oidc }) => oidc?.clientSecret,
  SESSION_SECRET: ({ sessionSecret }) => sessionSecret,
  OUTGOING_PROXY: ({ outgoing }) => outgoing.proxy,
  HEARTBEAT_URL: ({ heartbeatUrl }) => heartbeatUrl,
  AUDIT_DIGEST_SECRET: ({ auditDigests }) => auditDigests.secret,
  AUDIT_DIGEST_SECRET_PREVIOUS: ({ auditDigests }) => auditDigests.previous,
};

export function withLiveSecrets(first: Config): LiveConfig {
  let now = first;
  const config: Config = {
    ...first,
    freescout: {
      ...first.freescout,
      get apiKey() {
        return now.freescout.apiKey;
      },
      get webhookSecret() {
        return now.freescout.webhookSecret;
      },
    },
    slack: {
      ...first.slack,
      get botToken() {
        return now.slack.botToken;
      },
    },
    get ingestTokens() {
      return now.ingestTokens;
    },
    get apiTokens() {
      return now.apiTokens;
    },
    get metricsToken() {
      return now.metricsToken;
    },
  };
  return {
    config,
    replace(next) {
      const changedIn = (secrets: typeof FIXED) =>
        Object.entries(secrets)
          .filter(([, of]) => JSON.stringify(of(now)) !== JSON.stringify(of(next)))
          .map(([name]) => name);
      const replaced = { inForce: changedIn(REPLACEABLE), needRestart: changedIn(FIXED) };
      now = next;
      return replaced;
    },
  };
}
