import type { Config } from '../config/config.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import type { SurfaceConfig } from '../surfaces/surfacesFile.ts';

/** Everything outside this process that the program works with: from the settings, or from a sandbox in their place. */
export interface Environment {
  config: Config;
  databaseUrl: string;
  /** What to watch where no surfaces file is set. */
  surfaces: SurfaceConfig[] | null;
  customers: { id: string; email: string; name: string }[];
  /** Sandbox pages for the person at the terminal: a name and an address each. */
  pages: { name: string; url: string }[];
}

/** Starts a sandbox for each part that is not configured. Never called in production. */
export type StartSandbox = (
  config: Config,
  log: Log,
  cleanups: Cleanups,
  say: (line: string) => void,
) => Promise<Environment>;

/** The environment that the settings describe, with nothing in place of what is unset. */
export const configured = (config: Config): Environment => ({
  config,
  databaseUrl: config.database.url ?? '',
  surfaces: null,
  customers: [],
  pages: [],
});
