import { ConfigError } from '../config/config.ts';
import { missing, readSettings } from '../config/read.ts';

/** Everything that a command needs to work on the database alone. */
export interface DatabaseSettings {
  production: boolean;
  /** Without a pooler, because commands take locks. null: the embedded Postgres, which is never meant in production. */
  url: string | null;
  /** The variable that holds `url`. */
  setting: string;
  /** For the role that owns the tables; null if that is the role of `url`. */
  ownerUrl: string | null;
  readerUrl: string | null;
  /** The days for which the audit log is kept. */
  auditDays: number;
  dataDir: string;
}

/**
 * Reads only these settings, because a release step or a repair must not fail because of a setting of the web side.
 * Throws ConfigError.
 */
export function databaseSettings(env: NodeJS.ProcessEnv): DatabaseSettings {
  const { values, given, errors } = readSettings(env);
  const production = values.nodeEnv === 'production';
  const relevant = errors.filter(({ variable }) =>
    /^(DATABASE_URL|DATABASE_(DIRECT|OWNER|READER)_URL|DATA_DIR|AUDIT_RETENTION_DAYS)(_FILE)?$/.test(variable),
  );
  if (production && !given.has('DATABASE_URL')) relevant.push(missing('DATABASE_URL', ', and production requires it'));
  if (relevant.length > 0) throw new ConfigError(relevant.map(({ sentence }) => sentence));
  const { url, directUrl, ownerUrl, readerUrl } = values.database;
  const { dataDir, retention } = values;
  // The embedded Postgres has one role.
  const roles = url === null ? { ownerUrl: null, readerUrl: null } : { ownerUrl, readerUrl };
  const address =
    directUrl === null ? { url, setting: 'DATABASE_URL' } : { url: directUrl, setting: 'DATABASE_DIRECT_URL' };
  return { production, ...address, ...roles, auditDays: retention.auditDays, dataDir };
}
