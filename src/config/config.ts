import { type Reading, readSettings } from './read.ts';
import { careless, demanded, leftOut, repeatedTokens, sharedMailbox } from './rules.ts';
import type { Config } from './types.ts';

export { describeSettings } from './settings.ts';
export type { Config, FlagName, GroupRole, Role } from './types.ts';

/** The settings cannot be used as they are; each fault is a sentence that says what to set, and shows no value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(['The settings cannot be used:', ...faults.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads every setting at once, the only place that looks at environment variables.
 * Throws ConfigError with all faults together. In production faulty FREESCOUT_* and SLACK_* settings only leave
 * their part out of work, because such a fault is diagnosed on a running console: they become null and a warning.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const reading = readSettings(env);
  const production = reading.values.NODE_ENV === 'production';
  const shared = sharedMailbox(reading);
  const faults = [...reading.faults, ...shared, ...repeatedTokens(reading), ...demanded(reading, production)];
  const spared = faults.filter(({ name }) => production && /^(FREESCOUT|SLACK)_/.test(name));
  const fatal = faults.filter((fault) => !spared.includes(fault));
  if (fatal.length > 0) throw new ConfigError(fatal.map(({ sentence }) => sentence));
  const warnings = [...spared.map(({ sentence }) => sentence), ...leftOut(reading, production), ...careless(reading)];
  return frozen(assemble(reading, { production, warnings, mailboxShared: shared.length > 0 }));
}

function assemble(
  { values: v, given }: Reading,
  facts: { production: boolean; warnings: string[]; mailboxShared: boolean },
): Config {
  const { production, warnings } = facts;
  const host = v.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');
  const publicUrl = v.PUBLIC_URL ?? `http://${host.includes(':') ? `[${host}]` : host}:${v.PORT}`;
  const flag = (given: boolean | null) => ({ forcedOff: given === false, default: given ?? !production });
  return {
    production,
    port: v.PORT,
    portGiven: given.has('PORT'),
    host,
    publicUrl,
    trustProxy: v.TRUST_PROXY,
    database: { url: v.DATABASE_URL, poolSize: v.DATABASE_POOL_SIZE },
    dataDir: v.DATA_DIR,
    freescout: {
      baseUrl: v.FREESCOUT_BASE_URL,
      apiKey: v.FREESCOUT_API_KEY,
      // Which of the two is meant cannot be told, and nothing of ours may land among the customers' mail.
      operationsMailboxId: facts.mailboxShared ? null : v.FREESCOUT_OPERATIONS_MAILBOX_ID,
      supportMailboxId: v.FREESCOUT_SUPPORT_MAILBOX_ID,
      botEmail: v.FREESCOUT_BOT_EMAIL ?? `console-bot@${new URL(publicUrl).hostname}`,
      userId: v.FREESCOUT_USER_ID,
      webhookSecret: v.FREESCOUT_WEBHOOK_SECRET,
      timeoutMs: v.FREESCOUT_TIMEOUT_MS,
      inDoubtSeconds: v.FREESCOUT_IN_DOUBT_SECONDS,
      concurrency: v.FREESCOUT_CONCURRENCY,
    },
    slack: { botToken: v.SLACK_BOT_TOKEN, dmUserId: v.SLACK_DM_USER_ID, apiUrl: v.SLACK_API_URL },
    surfaces: {
      file: v.SURFACES_FILE,
      allowPrivate: v.SURFACES_ALLOW_PRIVATE,
      pollIntervalSeconds: v.POLL_INTERVAL_SECONDS ?? (v.SURFACES_FILE === null ? 10 : 30),
    },
    flags: {
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: flag(v.FLAG_CONSOLE_ALERTS_AUTO_TICKET),
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: flag(v.FLAG_CONSOLE_INVESTIGATE_FROM_STATUS),
    },
    storm: {
      maxTickets: v.STORM_MAX_TICKETS,
      windowMinutes: v.STORM_WINDOW_MINUTES,
      maxTicketsTotal: v.STORM_MAX_TICKETS_TOTAL,
    },
    flap: { maxEpisodes: v.FLAP_MAX_EPISODES, windowMinutes: v.FLAP_WINDOW_MINUTES },
    alertSilentAfterMinutes: v.ALERT_SILENT_AFTER_MINUTES,
    deadLetterAlarmMinutes: v.DEAD_LETTER_ALARM_MINUTES,
    ingestTokens: v.INGEST_TOKENS ?? [],
    apiTokens: v.CONSOLE_API_TOKENS ?? [],
    oidc:
      v.OIDC_ISSUER_URL !== null && v.OIDC_CLIENT_ID !== null && v.OIDC_CLIENT_SECRET !== null
        ? {
            issuerUrl: v.OIDC_ISSUER_URL,
            clientId: v.OIDC_CLIENT_ID,
            clientSecret: v.OIDC_CLIENT_SECRET,
            scope: v.OIDC_SCOPE,
            roleClaim: v.OIDC_ROLE_CLAIM,
            roleMap: v.OIDC_ROLE_MAP ?? [],
          }
        : null,
    sessionSecret: v.SESSION_SECRET,
    session: { idleMinutes: v.SESSION_IDLE_MINUTES, maxHours: v.SESSION_MAX_HOURS },
    logLevel: v.LOG_LEVEL,
    retention: { checksDays: v.CHECKS_RETENTION_DAYS, historyDays: v.HISTORY_RETENTION_DAYS },
    warnings,
  };
}

/** Freezes the whole tree, so that no part can change a setting under another. */
function frozen<T extends object>(tree: T): T {
  for (const branch of Object.values(tree)) {
    if (typeof branch === 'object' && branch !== null) frozen(branch);
  }
  return Object.freeze(tree);
}
