import { isLoopback } from './addresses.ts';
import { faultOf, missing, type Reading, type SettingFault } from './read.ts';
import type { SettingName } from './settings.ts';

const SIGN_IN = ['OIDC_ISSUER_URL', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'SESSION_SECRET'] as const;
const OIDC: readonly SettingName[] = [
  'OIDC_ISSUER_URL',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_SCOPE',
  'OIDC_ROLE_CLAIM',
  'OIDC_ROLE_MAP',
];

/** What must be set, seen together with the other settings. */
export function demanded({ values, given }: Reading, production: boolean): SettingFault[] {
  const lacking = (names: readonly SettingName[], why: string) =>
    names.filter((name) => !given.has(name)).map((name) => missing(name, why));
  if (production) return lacking(['PUBLIC_URL', 'DATABASE_URL', ...SIGN_IN], ', and production cannot do without it');
  if (OIDC.some((name) => given.has(name))) return lacking(SIGN_IN, ' although other OIDC settings are');
  if (values.HOST === null || isLoopback(values.HOST)) return [];
  return [
    {
      name: 'HOST',
      sentence: `HOST can be reached from other machines while nobody has to sign in: set it to 127.0.0.1, or set ${SIGN_IN.join(', ')} so that people sign in.`,
    },
  ];
}

/** A token in two places would speak for two callers. Entries are counted over both lists in this order. */
export function repeatedTokens({ values }: Reading): SettingFault[] {
  const seen = new Set<string>();
  const repeated = (name: SettingName, list: readonly { token: string }[] | null) =>
    (list ?? []).flatMap(({ token }, index) => {
      if (seen.has(token)) return [faultOf(name, `repeats in entry ${index + 1} a token that is already in use`)];
      seen.add(token);
      return [];
    });
  return [
    ...repeated('INGEST_TOKENS', values.INGEST_TOKENS),
    ...repeated('CONSOLE_API_TOKENS', values.CONSOLE_API_TOKENS),
  ];
}

export function sharedMailbox({ values }: Reading): SettingFault[] {
  const shared =
    values.FREESCOUT_OPERATIONS_MAILBOX_ID !== null &&
    values.FREESCOUT_OPERATIONS_MAILBOX_ID === values.FREESCOUT_SUPPORT_MAILBOX_ID;
  return shared
    ? [faultOf('FREESCOUT_OPERATIONS_MAILBOX_ID', "is the customers' mailbox FREESCOUT_SUPPORT_MAILBOX_ID too")]
    : [];
}

/** What leaves a part of the program out of work without stopping the rest. */
export function leftOut({ given }: Reading, production: boolean): string[] {
  const lacking = (names: readonly SettingName[], why: string) =>
    production || names.some((name) => given.has(name))
      ? names.filter((name) => !given.has(name)).map((name) => missing(name, why).sentence)
      : [];
  return [
    ...lacking(
      ['FREESCOUT_BASE_URL', 'FREESCOUT_API_KEY', 'FREESCOUT_OPERATIONS_MAILBOX_ID'],
      ', so no ticket can be filed',
    ),
    ...lacking(['SLACK_BOT_TOKEN', 'SLACK_DM_USER_ID'], ', so no direct message can be sent'),
    ...(production && !given.has('SURFACES_FILE')
      ? [missing('SURFACES_FILE', ', so nothing is watched').sentence]
      : []),
    ...(given.has('OIDC_ISSUER_URL') && !given.has('OIDC_ROLE_MAP')
      ? [missing('OIDC_ROLE_MAP', ', so nobody who signs in gets a role').sentence]
      : []),
  ];
}

const GUESSABLE = 16;

/** What works and should not be left as it is. */
export function careless({ values, given }: Reading): string[] {
  const short = (name: SettingName, list: readonly { token: string }[] | null) =>
    (list ?? []).flatMap(({ token }, index) =>
      token.length < GUESSABLE
        ? [`${name} has a token of fewer than ${GUESSABLE} characters in entry ${index + 1}, which can be guessed.`]
        : [],
    );
  const url = values.PUBLIC_URL === null ? null : new URL(values.PUBLIC_URL);
  const isPlain = url?.protocol === 'http:' && !isLoopback(url.hostname) && given.has('OIDC_ISSUER_URL');
  return [
    ...short('INGEST_TOKENS', values.INGEST_TOKENS),
    ...short('CONSOLE_API_TOKENS', values.CONSOLE_API_TOKENS),
    ...(isPlain ? ['PUBLIC_URL starts with http://, so sessions can be stolen on the way: serve https.'] : []),
  ];
}
