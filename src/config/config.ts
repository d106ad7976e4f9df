import { misspeltSettings } from './misspelt.ts';
import { type Reading, readSettings, type SettingError } from './read.ts';
import { disabledParts, missingSettings } from './rules.ts';
import type { Values } from './settings.ts';

export type { Role } from './roles.ts';

/** The settings cannot be used; each error is a sentence that says what to set, and shows no value. */
export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(['The settings cannot be used:', ...errors.map((error) => `- ${error}`)].join('\n'));
    this.name = 'ConfigError';
    this.errors = errors;
  }
}

export interface ProcessKind {
  /** Without a console a process needs no settings of sign-in, and ignores invalid ones. */
  console: boolean;
}

const CONSOLE: ProcessKind = { console: true };
const ONLY_OF_CONSOLE = /^(OIDC_.*|SESSION_.*|CONSOLE_API_TOKENS(_FILE)?|INGEST_TOKENS(_FILE)?)$/;

/** Every setting, read once and deeply frozen. `null` means unset: the part is embedded or does not work. */
export type Config = ReturnType<typeof configOf>;
export type FlagName = keyof Config['flags'];
export type GroupRole = NonNullable<Config['oidc']>['roleMap'][number];

/**
 * Reads every setting at once, the only place that looks at environment variables.
 * Throws ConfigError with all errors together. In production an invalid FREESCOUT_* or SLACK_* setting is only a warning
 * and counts as unset, because such an error is diagnosed on a running console.
 */
export function readConfig(env: NodeJS.ProcessEnv, kind: ProcessKind = CONSOLE): Config {
  const { config, errors } = inspectConfig(env, kind);
  if (errors.length > 0) throw new ConfigError(errors);
  return config;
}

/** The same for a reader that only reports: the errors beside the settings, in which what is invalid counts as unset. */
export function inspectConfig(
  env: NodeJS.ProcessEnv,
  kind: ProcessKind = CONSOLE,
): {
  config: Config;
  errors: readonly string[];
} {
  const reading = readSettings(env);
  const production = reading.values.nodeEnv === 'production';
  const errors = [...reading.errors, ...missingSettings(reading, production, kind)];
  const isTolerated = ({ variable }: SettingError) =>
    (production && /^(FREESCOUT|SLACK)_/.test(variable)) || (!kind.console && ONLY_OF_CONSOLE.test(variable));
  const sentences = (list: SettingError[]) => list.map(({ sentence }) => sentence);
  const tolerated = errors.filter(isTolerated);
  const warnings = [
    ...sentences(tolerated),
    ...disabledParts(reading, production),
    ...sentences(reading.warnings),
    ...misspeltSettings(env, reading.given),
  ];
  return {
    config: deepFreeze(configOf(reading, production, { warnings, tolerated })),
    errors: sentences(errors.filter((error) => !isTolerated(error))),
  };
}

interface Reported {
  warnings: string[];
  /** Errors that do not prevent startup. */
  tolerated: SettingError[];
}

function configOf({ values, given }: Reading, production: boolean, { warnings, tolerated }: Reported) {
  const { nodeEnv: _, freescout, surfaces, flags, ...rest } = values;
  const host = values.host ?? (production ? '0.0.0.0' : '127.0.0.1');
  const publicUrl = values.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${values.port}`;
  const flag = (setting: boolean | null) => ({ forcedOff: setting === false, default: setting ?? !production });
  return {
    ...rest,
    // The embedded Postgres has one role.
    database: rest.database.url === null ? { ...rest.database, ownerUrl: null, readerUrl: null } : rest.database,
    production,
    /** PORT was set explicitly; a worker serves its health routes only then. */
    portGiven: given.has('PORT'),
    /** Without brackets, also for IPv6. */
    host,
    /** Scheme, host and port; no slash at the end. */
    publicUrl,
    freescout: { ...freescout, botEmail: freescout.botEmail ?? `console-bot@${new URL(publicUrl).hostname}` },
    surfaces: { ...surfaces, pollIntervalSeconds: surfaces.pollIntervalSeconds ?? (surfaces.file === null ? 10 : 30) },
    /** `default` counts only while nothing is stored for the flag. */
    flags: {
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: flag(flags.FLAG_CONSOLE_ALERTS_AUTO_TICKET),
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: flag(flags.FLAG_CONSOLE_INVESTIGATE_FROM_STATUS),
    },
    ingestTokens: values.ingestTokens ?? [],
    apiTokens: values.apiTokens ?? [],
    oidc: signInWith(values.oidc),
    /** What does not prevent startup but does not work or is not safe; whole sentences, to be logged as warnings. */
    warnings,
    /** Settings that count as unset because they are not valid or not safe, with what is unset because of them. */
    ignored: tolerated.map(({ variable, sentence, without = [] }) => ({ variables: [variable, ...without], sentence })),
  };
}

/** null unless the three settings that name the provider and the client are set. */
function signInWith({ issuerUrl, clientId, clientSecret, roleMap, ...rest }: Values['oidc']) {
  if (issuerUrl === null || clientId === null || clientSecret === null) return null;
  return { issuerUrl, clientId, clientSecret, roleMap: roleMap ?? [], ...rest };
}

/** Freezes the whole tree, so that no part can change a setting under another. */
function deepFreeze<T extends object>(tree: T): T {
  for (const branch of Object.values(tree)) {
    if (typeof branch === 'object' && branch !== null) deepFreeze(branch);
  }
  return Object.freeze(tree);
}
