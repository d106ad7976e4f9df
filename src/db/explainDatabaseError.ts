import { isDatabaseGone } from './databaseGone.ts';

/** Its message is such a sentence already. */
export class ExplainedError extends Error {}

/**
 * What a failure of the database means, as a sentence that never carries the password; null if it is something else.
 * `setting` holds the address.
 */
export function explainDatabaseError(error: unknown, url: string, setting = 'DATABASE_URL'): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof ExplainedError) return error.message;
  return sentenceFor(error, url, setting)?.replaceAll('DATABASE_URL', setting) ?? null;
}

function sentenceFor(error: Error, url: string, setting: string): string | null {
  const code = codeOf(error);
  const why = code === undefined ? '' : ` (${code})`;
  return (
    (isPoolerRefusal(error) ? POOLER_REFUSES : null) ??
    REFUSALS[code ?? '']?.(url, setting, error.message) ??
    (/^SASL|password must be a string/i.test(error.message) ? signIn(url) : null) ??
    (TLS.some((said) => said.test(error.message)) ? `${error.message}: check the sslmode in DATABASE_URL.` : null) ??
    (isDatabaseGone(error)
      ? `The database ${placeOf(url)} cannot be reached${why}: check DATABASE_URL, and that the server runs.`
      : null)
  );
}

/** A pooler in transaction mode lends each transaction another session, so nothing that belongs to a session lasts. */
export function throughPooler(setting: string): string {
  const remedy = setting === 'DATABASE_URL' ? 'set DATABASE_DIRECT_URL' : 'set it';
  return (
    `${setting} leads to a connection pooler in transaction mode, through which locks and notifications do not work: ` +
    `${remedy} to the address of the Postgres server itself.`
  );
}

/** Jobs, timers and notifications would be in a database where nobody works. */
export const OTHER_DATABASE =
  'DATABASE_DIRECT_URL leads to another database than DATABASE_URL: set both to the same one, with and without the pooler.';

const POOLER_REFUSES =
  'DATABASE_URL leads to a connection pooler that refuses the settings of a session: ' +
  'set DATABASE_DIRECT_URL to the address of the Postgres server itself.';

/** Postgres itself knows every parameter that we send at the start of a session, and every transaction. */
export const isPoolerRefusal = (error: unknown): boolean =>
  error instanceof Error && /unsupported startup parameter|statement pooling mode/i.test(error.message);

const signIn = (url: string) =>
  `The database ${placeOf(url)} refuses the user or the password of DATABASE_URL: correct them.`;

export const notMigrated = (url: string): string =>
  `The database ${placeOf(url)} is not migrated: run auto-ticketing migrate.`;

export const lacksRights = (url: string): string =>
  `The user of DATABASE_URL lacks rights on the database ${placeOf(url)}: run auto-ticketing migrate with DATABASE_OWNER_URL.`;

const ownerLacksRights = (url: string): string =>
  `The user of DATABASE_URL lacks rights on the database ${placeOf(url)}: set it to the address of the role that owns the tables.`;

const notAdmitted = (url: string): string =>
  `The database ${placeOf(url)} admits no such connection: check the sslmode and the user in DATABASE_URL, and pg_hba.conf on the server.`;

const mayNotConnect = (url: string): string =>
  `The user of DATABASE_URL may not connect to the database ${placeOf(url)}: grant it CONNECT on the database.`;

const REFUSALS: Record<string, (url: string, setting: string, message: string) => string> = {
  '28P01': signIn,
  '28000': (url, _setting, message) => (message.includes('pg_hba.conf') ? notAdmitted : signIn)(url),
  '3D000': (url) => `There is no database ${placeOf(url)}: create it, or correct DATABASE_URL.`,
  '25006': (url) => `The database ${placeOf(url)} is read-only: connect to the primary server.`,
  '42P01': notMigrated,
  '57014': (url) => `The database ${placeOf(url)} took too long to answer: check its load, and try again.`,
  '42501': (url, setting, message) => {
    if (message.startsWith('permission denied for database')) return mayNotConnect(url);
    return (setting === 'DATABASE_OWNER_URL' ? ownerLacksRights : lacksRights)(url);
  },
  '55P03': (url) =>
    `Another session, for example a pg_dump, holds locks in the database ${placeOf(url)}: try again later.`,
  '53300': (url) =>
    `The database ${placeOf(url)} has no connection left: lower DATABASE_POOL_SIZE, or raise max_connections of the server.`,
  CERT_HAS_EXPIRED: (url) => `The certificate of the database ${placeOf(url)} has expired: renew it on the server.`,
};

const TLS = [/does not support SSL/i, /self-signed certificate/i, /unable to (get|verify)/i, /certificate/i];

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Host, port and name of a database, and nothing secret. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${decodeURIComponent(pathname.slice(1)) || 'postgres'} at ${hostname || 'localhost'}:${port || '5432'}`;
}
