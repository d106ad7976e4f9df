import type { Dependencies } from './dependencies.ts';
import { LATEST_EFFECT_MS } from './injectFault.ts';

export const FREESCOUT_TIMEOUT_MS = 2_500;
/** Longer than a slow machine's delay in sending, the short pause of a process and the latest effect together. */
const IN_DOUBT_S = 15;

/** The environment variables of a process, except for the address of its database and its port. */
export function programSettings(options: {
  dependencies: Dependencies;
  surfacesFile: string;
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  secret: string;
}): Record<string, string> {
  const { dependencies } = options;
  if (LATEST_EFFECT_MS(FREESCOUT_TIMEOUT_MS) >= IN_DOUBT_S * 1000)
    throw new Error('a late effect could happen after its attempt is no longer in doubt');
  const freescoutUrl = dependencies.names.named('freescout', dependencies.freescoutProxy.url);
  const slackUrl = dependencies.names.named('slack', dependencies.slackProxy.url);
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1',
    DNS_SERVERS: dependencies.names.server,
    OUTGOING_PLAIN_HTTP: [freescoutUrl, slackUrl].map((url) => new URL(url).hostname).join(),
    FREESCOUT_BASE_URL: freescoutUrl,
    FREESCOUT_API_KEY: dependencies.freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(dependencies.freescout.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(dependencies.freescout.supportMailboxId),
    FREESCOUT_TIMEOUT_MS: String(FREESCOUT_TIMEOUT_MS),
    FREESCOUT_IN_DOUBT_SECONDS: String(IN_DOUBT_S),
    FREESCOUT_CONCURRENCY: '16',
    SLACK_BOT_TOKEN: dependencies.slack.token,
    SLACK_DM_USER_ID: dependencies.slack.userId,
    SLACK_API_URL: `${slackUrl}/api/`,
    SURFACES_FILE: options.surfacesFile,
    POLL_INTERVAL_SECONDS: '1',
    STORM_MAX_TICKETS: '100000',
    FLAP_MAX_EPISODES: '100000',
    // No sender is silent for a day, even if the clock of the database is set forward by hours.
    ALERT_SILENT_AFTER_MINUTES: '1440',
    INGEST_TOKENS: [...options.tokens].map(([source, token]) => `${source}:${token}`).join(','),
    CONSOLE_API_TOKENS: `faults:admin:${options.adminToken}`,
    // Production requires a provider. Nobody signs in here, so it need not exist.
    OIDC_ISSUER_URL: 'http://127.0.0.1:9/',
    OIDC_CLIENT_ID: 'faults',
    OIDC_CLIENT_SECRET: options.secret,
    SESSION_SECRET: options.secret,
  };
}
