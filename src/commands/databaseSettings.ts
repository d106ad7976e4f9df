import { ConfigError } from '../config/config.ts';
import { missing, readSettings } from '../config/read.ts';

/** Everything that a command needs to work on the database alone. */
export interface DatabaseSettings {
  production: boolean;
  /** Without a pooler, because commands take locks. null: the embedded Postgres, which is never meant in production. */
  url: string | null;
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
    /^(DATABASE_URL|DATABASE_DIRECT_URL|DATA_DIR)(_FILE)?$/.test(variable),
  );
  if (production && !given.has('DATABASE_URL')) relevant.push(missing('DATABASE_URL', ', and production requires it'));
  if (relevant.length > 0) throw new ConfigError(relevant.map(({ sentence }) => sentence));
  return { production, url: values.database.directUrl ?? values.database.url, dataDir: values.dataDir };
}
