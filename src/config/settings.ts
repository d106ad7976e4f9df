import { apiRoot, hostName, instanceRoot, issuer, origin, postgresUrl } from './addresses.ts';
import {
  anyText,
  atLeast,
  emailAddress,
  headerToken,
  type Kind,
  logLevel,
  oidcScope,
  slackMember,
  switchedOn,
  wholeNumber,
} from './kinds.ts';
import { apiTokens, ingestTokens, roleMap } from './lists.ts';

interface WithDefault<T> {
  kind: Kind<T>;
  /** A noun phrase: it follows "set it to" in a fault and stands in the documentation. */
  meaning: string;
  /** Read as if it came from outside where the variable is unset. */
  fallback: string;
}

interface Optional<T> {
  kind: Kind<T>;
  meaning: string;
  /** What happens without it, for the documentation. */
  otherwise: string;
}

export type Setting = WithDefault<unknown> | Optional<unknown>;

const withDefault = <T>(kind: Kind<T>, fallback: string, meaning: string): WithDefault<T> => ({
  kind,
  meaning,
  fallback,
});
const optional = <T>(kind: Kind<T>, otherwise: string, meaning: string): Optional<T> => ({ kind, meaning, otherwise });

const id = wholeNumber(1, 2_147_483_647);
const flag = (what: string) =>
  optional(
    switchedOn,
    'off in production, otherwise on',
    `0 to force ${what} off whatever the flags page says, or 1 to have it on until somebody flips it there`,
  );

/** Every variable that is read, in the order of the documentation. */
export const SETTINGS = {
  NODE_ENV: optional(anyText, 'a sandbox', 'production to demand real settings and embed nothing'),
  PORT: withDefault(wholeNumber(0, 65_535), '3000', 'the port to listen on'),
  HOST: optional(
    hostName,
    '127.0.0.1, in production 0.0.0.0',
    'the address to listen on, such as 127.0.0.1; beyond loopback people must be able to sign in',
  ),
  PUBLIC_URL: optional(
    origin,
    'http://HOST:PORT, in production required',
    'the address at which people open the console, such as https://console.example.com',
  ),
  TRUST_PROXY: withDefault(
    switchedOn,
    '0',
    '1 behind a proxy that sets X-Forwarded-For and X-Forwarded-Proto, otherwise 0',
  ),
  DATABASE_URL: optional(
    postgresUrl,
    'an embedded Postgres, in production required',
    'the address of the Postgres database, such as postgres://user:password@db.example.com/console?sslmode=verify-full',
  ),
  DATABASE_POOL_SIZE: withDefault(
    wholeNumber(2, 200),
    '10',
    'the number of database connections each process may hold',
  ),
  DATA_DIR: withDefault(anyText, '.data', 'the folder of the embedded Postgres'),
  FREESCOUT_BASE_URL: optional(
    instanceRoot,
    'a sandbox outside production',
    'the root of the FreeScout instance, such as https://tickets.example.com',
  ),
  FREESCOUT_API_KEY: optional(headerToken, 'none', 'the key that FreeScout shows under Manage, API & Webhooks'),
  FREESCOUT_OPERATIONS_MAILBOX_ID: optional(id, 'none', 'the number of the mailbox that tickets are filed in'),
  FREESCOUT_SUPPORT_MAILBOX_ID: optional(
    id,
    'every mailbox but the operations one',
    "the number of the customers' mailbox",
  ),
  FREESCOUT_BOT_EMAIL: optional(
    emailAddress,
    'console-bot@ and the host of PUBLIC_URL',
    "the address that tickets come from, never a mailbox's own",
  ),
  FREESCOUT_USER_ID: optional(id, 'the first user that the API lists', 'the number of the user who writes the notes'),
  FREESCOUT_WEBHOOK_SECRET: optional(
    anyText,
    'ticket changes are only polled',
    'the secret key that FreeScout signs its webhooks with',
  ),
  FREESCOUT_TIMEOUT_MS: withDefault(wholeNumber(1, 300_000), '10000', 'the milliseconds one call may take'),
  FREESCOUT_IN_DOUBT_SECONDS: withDefault(
    wholeNumber(1, 86_400),
    '120',
    'the seconds after which a ticket that was not found is believed not to exist',
  ),
  FREESCOUT_CONCURRENCY: withDefault(wholeNumber(1, 100), '4', 'the number of calls one process may have under way'),
  SLACK_BOT_TOKEN: optional(
    headerToken,
    'a sandbox outside production',
    'the bot token of the Slack app, which begins with xoxb-',
  ),
  SLACK_DM_USER_ID: optional(
    slackMember,
    'a sandbox outside production',
    'the member id of who gets the direct messages, such as U012AB3CD',
  ),
  SLACK_API_URL: optional(apiRoot, "Slack's own", 'the root of another Slack API, such as http://127.0.0.1:4000/api/'),
  SURFACES_FILE: optional(
    anyText,
    'sandbox surfaces outside production',
    'the path of the YAML file that lists the surfaces',
  ),
  SURFACES_ALLOW_PRIVATE: withDefault(switchedOn, '1', '0 to refuse surfaces on private addresses, otherwise 1'),
  POLL_INTERVAL_SECONDS: optional(
    wholeNumber(1, 86_400),
    '30, or 10 for sandbox surfaces',
    'the seconds between two checks of a surface',
  ),
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: flag('filing tickets for alerts'),
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: flag('the Investigate button'),
  STORM_MAX_TICKETS: withDefault(
    wholeNumber(1, 100_000),
    '20',
    'the number of tickets one source may have filed in STORM_WINDOW_MINUTES before further ones join an umbrella ticket',
  ),
  STORM_WINDOW_MINUTES: withDefault(wholeNumber(1, 10_080), '10', 'the minutes over which STORM_MAX_TICKETS counts'),
  STORM_MAX_TICKETS_TOTAL: withDefault(
    wholeNumber(0, 100_000),
    '0',
    'the same limit for all sources together, or 0 for none',
  ),
  FLAP_MAX_EPISODES: withDefault(
    wholeNumber(1, 100_000),
    '5',
    'the number of episodes in FLAP_WINDOW_MINUTES beyond which an alert counts as flapping',
  ),
  FLAP_WINDOW_MINUTES: withDefault(wholeNumber(1, 10_080), '10', 'the minutes over which FLAP_MAX_EPISODES counts'),
  ALERT_SILENT_AFTER_MINUTES: withDefault(
    wholeNumber(1, 525_600),
    '60',
    'the minutes without an emission after which an alert is no longer filed anew',
  ),
  DEAD_LETTER_ALARM_MINUTES: withDefault(
    wholeNumber(1, 525_600),
    '60',
    'the minutes that a dead letter may wait before a person is told',
  ),
  INGEST_TOKENS: optional(
    ingestTokens,
    'no sender is let in',
    'a list such as source:token,source:token, one entry for each sender of alerts',
  ),
  CONSOLE_API_TOKENS: optional(
    apiTokens,
    'no script is let in',
    'a list such as name:role:token,name:role:token with viewer, operator or admin as role',
  ),
  OIDC_ISSUER_URL: optional(
    issuer,
    'the local developer, in production required',
    'the issuer of the OpenID provider, such as https://id.example.com',
  ),
  OIDC_CLIENT_ID: optional(
    anyText,
    'in production required',
    'the client id that the OpenID provider gave to the console',
  ),
  OIDC_CLIENT_SECRET: optional(
    anyText,
    'in production required',
    'the client secret that the OpenID provider gave to the console',
  ),
  OIDC_SCOPE: withDefault(
    oidcScope,
    'openid profile email',
    'the scopes to ask for, openid among them; some providers want groups for a claim of groups',
  ),
  OIDC_ROLE_CLAIM: withDefault(
    anyText,
    'roles',
    "the claim that holds a person's groups, or the path to it, such as realm_access.roles",
  ),
  OIDC_ROLE_MAP: optional(
    roleMap,
    'nobody gets a role',
    'a list such as group:role,group:role with viewer, operator or admin as role',
  ),
  SESSION_SECRET: optional(
    atLeast(32),
    'in production required',
    'a random text of at least 32 characters, the same for every process',
  ),
  SESSION_IDLE_MINUTES: withDefault(
    wholeNumber(1, 10_080),
    '120',
    'the minutes after which a person who did nothing has to sign in again',
  ),
  SESSION_MAX_HOURS: withDefault(
    wholeNumber(1, 720),
    '12',
    'the hours after which everybody has to sign in again, which is also how long a role that was taken away may last',
  ),
  LOG_LEVEL: withDefault(logLevel, 'info', 'the least level that is logged: debug, info, warning, error or silent'),
  CHECKS_RETENTION_DAYS: withDefault(wholeNumber(1, 36_500), '90', 'the days that check results are kept'),
  HISTORY_RETENTION_DAYS: withDefault(wholeNumber(1, 36_500), '90', "the days that the actors' history is kept"),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends WithDefault<infer T> ? T : S extends Optional<infer T> ? T | null : never;

/** Every variable by its name; null where it is unset or faulty and has no default. */
export type Values = { [K in SettingName]: ValueOf<(typeof SETTINGS)[K]> };

/** The settings as the documentation and `--help` show them. */
export function describeSettings(): { name: string; default: string; meaning: string }[] {
  return Object.entries(SETTINGS).map(([name, setting]) => ({
    name,
    default: 'fallback' in setting ? setting.fallback : setting.otherwise,
    meaning: setting.meaning.charAt(0).toUpperCase() + setting.meaning.slice(1),
  }));
}
