import { z } from 'zod';
import { apiRoot, hostName, issuer, origin, postgresUrl, secretUrl } from './addresses.ts';
import { databaseSslMode } from './databaseTls.ts';
import { freescout } from './freescout.ts';
import { apiTokens, ingestTokens, repeatedTokens, roleMap } from './lists.ts';
import { dnsServers, outgoing } from './outgoing.ts';
import { session } from './session.ts';
import { optional, withDefault } from './settingsTree.ts';
import { atLeast, claimPath, headerToken, logLevel, oidcScope, slackMember, wholeNumber, zeroOrOne } from './values.ts';

const WEEK_MINUTES = 10_080;
const YEAR_MINUTES = 525_600;
const CENTURY_DAYS = 36_500;
/** Longer than anything that looks back: reopened tickets, flapping, requests of senders. */
const SHORTEST_RECORDS_DAYS = 30;

const flag = (variable: string, what: string) =>
  optional(variable, zeroOrOne, 'off in production, otherwise on').describe(
    `0 to force ${what} off whatever the flags page says, or 1 to have it on until it is changed on the flags page`,
  );

/** Every setting in the order of the documentation: name, variable, type, default or what holds without it, meaning. */
export const schema = z
  .object({
    nodeEnv: optional('NODE_ENV', z.string(), 'a sandbox').describe(
      'production to require real settings and embed nothing',
    ),
    port: withDefault('PORT', wholeNumber(0, 65_535), '3000').describe('the port to listen on'),
    host: optional('HOST', hostName, '127.0.0.1, in production 0.0.0.0').describe(
      'the address to listen on, such as 127.0.0.1; beyond loopback people must be able to sign in',
    ),
    publicUrl: optional('PUBLIC_URL', origin, 'http://HOST:PORT, in production required').describe(
      'the address at which people open the console, such as https://console.example.com',
    ),
    trustProxy: withDefault('TRUST_PROXY', wholeNumber(0, 10), '0').describe(
      'the number of proxies in front that add to X-Forwarded-For, such as 1, or 0 without a proxy',
    ),
    database: z.object({
      url: optional('DATABASE_URL', postgresUrl, 'an embedded Postgres, in production required').describe(
        'the address of the Postgres database, such as postgres://user:password@db.example.com/console?sslmode=verify-full',
      ),
      directUrl: optional('DATABASE_DIRECT_URL', postgresUrl, 'DATABASE_URL').describe(
        'the address of the Postgres server itself, if DATABASE_URL leads to a connection pooler in transaction mode',
      ),
      sslMode: databaseSslMode,
      ownerUrl: optional('DATABASE_OWNER_URL', postgresUrl, 'DATABASE_URL migrates').describe(
        'the address of the same database, without a pooler, for the role that owns the tables; only migrate needs it',
      ),
      readerUrl: optional('DATABASE_READER_URL', postgresUrl, 'DATABASE_URL').describe(
        'the address of the same database for a role that may only read, which lists and searches use',
      ),
      poolSize: withDefault('DATABASE_POOL_SIZE', wholeNumber(2, 200), '10').describe(
        'the number of database connections each process may hold; with 2 or 3, pages have none of their own',
      ),
    }),
    dataDir: withDefault('DATA_DIR', z.string(), '.data').describe('the folder of the embedded Postgres'),
    freescout,
    slack: z.object({
      botToken: optional('SLACK_BOT_TOKEN', headerToken, 'a sandbox outside production').describe(
        'the bot token of the Slack app, which begins with xoxb-',
      ),
      dmUserId: optional('SLACK_DM_USER_ID', slackMember, 'a sandbox outside production').describe(
        'the member id of the person who gets the direct messages, such as U012AB3CD',
      ),
      apiUrl: optional('SLACK_API_URL', apiRoot, "Slack's own").describe(
        'the root of another Slack API, such as http://127.0.0.1:4000/api/',
      ),
    }),
    surfaces: z.object({
      file: optional('SURFACES_FILE', z.string(), 'sandbox surfaces outside production').describe(
        'the path of the YAML file that lists the surfaces',
      ),
      allowPrivate: withDefault('SURFACES_ALLOW_PRIVATE', zeroOrOne, '1').describe(
        '0 to refuse surfaces on private addresses, otherwise 1',
      ),
      pollIntervalSeconds: optional(
        'POLL_INTERVAL_SECONDS',
        wholeNumber(1, 86_400),
        '30, or 10 for sandbox surfaces',
      ).describe('the seconds between two checks of a surface'),
    }),
    outgoing,
    dnsServers,
    flags: z.object({
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: flag('FLAG_CONSOLE_ALERTS_AUTO_TICKET', 'filing tickets for alerts'),
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: flag('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', 'the Investigate button'),
    }),
    storm: z.object({
      maxTickets: withDefault('STORM_MAX_TICKETS', wholeNumber(1, 100_000), '20').describe(
        'the number of tickets that one source gets in STORM_WINDOW_MINUTES before further alerts join an umbrella ticket',
      ),
      windowMinutes: withDefault('STORM_WINDOW_MINUTES', wholeNumber(1, WEEK_MINUTES), '10').describe(
        'the minutes over which STORM_MAX_TICKETS counts',
      ),
      maxTicketsTotal: withDefault('STORM_MAX_TICKETS_TOTAL', wholeNumber(0, 100_000), '0').describe(
        'the same limit for all sources together, or 0 for none',
      ),
    }),
    flap: z.object({
      maxEpisodes: withDefault('FLAP_MAX_EPISODES', wholeNumber(1, 100_000), '5').describe(
        'the number of episodes in FLAP_WINDOW_MINUTES beyond which an alert counts as flapping',
      ),
      windowMinutes: withDefault('FLAP_WINDOW_MINUTES', wholeNumber(1, WEEK_MINUTES), '10').describe(
        'the minutes over which FLAP_MAX_EPISODES counts',
      ),
      maxOutages: withDefault('FLAP_MAX_OUTAGES', wholeNumber(1, 100_000), '3').describe(
        'the number of outages of one surface in FLAP_OUTAGE_WINDOW_MINUTES beyond which further ones stay on the ticket of the last one',
      ),
      outageWindowMinutes: withDefault('FLAP_OUTAGE_WINDOW_MINUTES', wholeNumber(1, WEEK_MINUTES), '60').describe(
        'the minutes over which FLAP_MAX_OUTAGES counts; a flapping surface recovers once it was up for half of them',
      ),
    }),
    reopenWithinMinutes: withDefault('REOPEN_WITHIN_MINUTES', wholeNumber(0, WEEK_MINUTES), '0').describe(
      'the minutes after the end of an alert within which it continues its open ticket when it fires again, or 0 to file a new one',
    ),
    alertSilentAfterMinutes: withDefault('ALERT_SILENT_AFTER_MINUTES', wholeNumber(1, YEAR_MINUTES), '60').describe(
      'the minutes without an emission after which no ticket is filed for an alert',
    ),
    deadLetterAlarmMinutes: withDefault('DEAD_LETTER_ALARM_MINUTES', wholeNumber(1, YEAR_MINUTES), '60').describe(
      'the minutes that a dead letter may wait before a person is alerted',
    ),
    sourceRequestsPerMinute: withDefault('SOURCE_REQUESTS_PER_MINUTE', wholeNumber(0, 10_000_000), '6000').describe(
      'the number of requests that each source of alerts may send a minute to one process, or 0 for any number',
    ),
    ingestTokens: optional('INGEST_TOKENS', ingestTokens, 'no sender is accepted').describe(
      'a list such as source:token,source:token, one entry for each sender of alerts',
    ),
    apiTokens: optional('CONSOLE_API_TOKENS', apiTokens, 'no script is accepted').describe(
      'a list such as name:role:token,name:role:token with viewer, operator or admin as role',
    ),
    metricsToken: optional('METRICS_TOKEN', headerToken, 'anybody may read /metrics').describe(
      'the token that a scraper of /metrics sends as a Bearer token',
    ),
    oidc: z.object({
      issuerUrl: optional('OIDC_ISSUER_URL', issuer, 'the local developer, in production required').describe(
        'the issuer of the OpenID provider, such as https://id.example.com',
      ),
      clientId: optional('OIDC_CLIENT_ID', z.string(), 'in production required').describe(
        'the client id that the OpenID provider gave to the console',
      ),
      clientSecret: optional('OIDC_CLIENT_SECRET', z.string(), 'in production required').describe(
        'the client secret that the OpenID provider gave to the console',
      ),
      scope: withDefault('OIDC_SCOPE', oidcScope, 'openid profile email').describe(
        'the scopes to request, including openid; some providers need the scope groups for a claim of groups',
      ),
      roleClaim: withDefault('OIDC_ROLE_CLAIM', claimPath, 'roles').describe(
        "the claim that holds a person's groups, or the path to it, such as realm_access.roles",
      ),
      roleMap: optional('OIDC_ROLE_MAP', roleMap, 'nobody gets a role').describe(
        'a list such as group:role,group:role with viewer, operator or admin as role',
      ),
    }),
    sandboxSignIn: withDefault('SANDBOX_SIGN_IN', zeroOrOne, '0').describe(
      '1 to try signing in with a sandbox OpenID provider on the fourth port after PORT, outside production and without OIDC settings',
    ),
    sessionSecret: optional('SESSION_SECRET', atLeast(32), 'in production required').describe(
      'a random text of at least 32 characters, the same for every process',
    ),
    session,
    adminSignInMinutes: withDefault('ADMIN_SIGN_IN_MINUTES', wholeNumber(0, WEEK_MINUTES), '0').describe(
      'the minutes after entering their credentials in which admins may change something, or 0 for the whole session',
    ),
    heartbeatUrl: optional('HEARTBEAT_URL', secretUrl, 'none').describe(
      "an address of a dead man's switch, which is requested once a minute while surfaces are checked in time",
    ),
    logLevel: withDefault('LOG_LEVEL', logLevel, 'info').describe(
      'the lowest level that is logged: debug, info, warning, error or silent',
    ),
    retention: z.object({
      checksDays: withDefault('CHECKS_RETENTION_DAYS', wholeNumber(1, CENTURY_DAYS), '90').describe(
        'the days that check results are kept',
      ),
      historyDays: withDefault('HISTORY_RETENTION_DAYS', wholeNumber(1, CENTURY_DAYS), '90').describe(
        "the days that the actors' history is kept",
      ),
      recordsDays: withDefault(
        'RECORDS_RETENTION_DAYS',
        wholeNumber(SHORTEST_RECORDS_DAYS, CENTURY_DAYS),
        '400',
      ).describe(
        'the days that resolved alerts are kept, with their filings and messages, and closed tickets of clicks and storms; the audit log keeps what happened',
      ),
      auditDays: withDefault('AUDIT_RETENTION_DAYS', wholeNumber(0, CENTURY_DAYS), '0').describe(
        'the days that the audit log is kept before whole months of it are deleted, or 0 to keep it for ever',
      ),
    }),
    auditDigests: z.object({
      secret: optional('AUDIT_DIGEST_SECRET', atLeast(32), 'digests are not signed').describe(
        'a random text of at least 32 characters, with which the daily digests of the audit log are signed',
      ),
      previous: optional('AUDIT_DIGEST_SECRET_PREVIOUS', atLeast(32), 'only AUDIT_DIGEST_SECRET counts').describe(
        'the AUDIT_DIGEST_SECRET that was replaced, whose signatures still count',
      ),
    }),
  })
  .check(repeatedTokens);

export type Values = z.output<typeof schema>;
