/** What the settings come to. A leaf: everything may import it. */

export type FlagName = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET' | 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
export type Role = 'viewer' | 'operator' | 'admin';

export interface IngestToken {
  source: string;
  token: string;
}

export interface ApiToken {
  name: string;
  role: Role;
  token: string;
}

export interface GroupRole {
  group: string;
  role: Role;
}

/** Every setting, read once and deeply frozen. `null` means unset: embedded or left out, as the composition root decides. */
export interface Config {
  production: boolean;
  port: number;
  /** PORT was set by hand; a worker serves its health routes only then. */
  portGiven: boolean;
  /** Without brackets, also for IPv6. */
  host: string;
  /** Scheme, host and port; no trailing slash. */
  publicUrl: string;
  trustProxy: boolean;
  database: { url: string | null; poolSize: number };
  dataDir: string;
  freescout: {
    /** Root of the instance, no trailing slash. */
    baseUrl: string | null;
    apiKey: string | null;
    operationsMailboxId: number | null;
    supportMailboxId: number | null;
    botEmail: string;
    userId: number | null;
    webhookSecret: string | null;
    timeoutMs: number;
    inDoubtSeconds: number;
    concurrency: number;
  };
  slack: {
    botToken: string | null;
    dmUserId: string | null;
    /** With a trailing slash; null means Slack's own. */
    apiUrl: string | null;
  };
  surfaces: { file: string | null; allowPrivate: boolean; pollIntervalSeconds: number };
  /** `default` counts only while nothing is stored for the flag. */
  flags: Record<FlagName, { forcedOff: boolean; default: boolean }>;
  /** `maxTicketsTotal` 0 means no such limit. */
  storm: { maxTickets: number; windowMinutes: number; maxTicketsTotal: number };
  flap: { maxEpisodes: number; windowMinutes: number };
  alertSilentAfterMinutes: number;
  deadLetterAlarmMinutes: number;
  ingestTokens: IngestToken[];
  apiTokens: ApiToken[];
  oidc: {
    issuerUrl: string;
    clientId: string;
    clientSecret: string;
    /** What is asked of the provider, separated by blanks. */
    scope: string;
    roleClaim: string;
    roleMap: GroupRole[];
  } | null;
  sessionSecret: string | null;
  session: { idleMinutes: number; maxHours: number };
  /** A level name as pino spells it. */
  logLevel: string;
  retention: { checksDays: number; historyDays: number };
  /** What does not stop the start but leaves something out of work; whole sentences, to be logged as warnings. */
  warnings: string[];
}
