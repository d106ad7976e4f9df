import { ConfigError } from '../config/config.ts';
import { missing, readSettings } from '../config/read.ts';

/** All that a command needs which works on the database alone. */
export interface DatabaseSettings {
  production: boolean;
  /** null: the embedded Postgres, which is never meant in production. */
  url: string | null;
  dataDir: string;
}

/**
 * Reads nothing but these, because a release step or a repair must not fail over a setting of the web side.
 * Throws ConfigError.
 */
export function databaseSettings(env: NodeJS.ProcessEnv): DatabaseSettings {
  const { values, given, faults } = readSettings(env);
  const production = values.NODE_ENV === 'production';
  const own = faults.filter(({ name }) => name === 'DATABASE_URL' || name === 'DATA_DIR');
  if (production && !given.has('DATABASE_URL')) {
    own.push(missing('DATABASE_URL', ', and production cannot do without it'));
  }
  if (own.length > 0) throw new ConfigError(own.map(({ sentence }) => sentence));
  return { production, url: values.DATABASE_URL, dataDir: values.DATA_DIR };
}
