import type { Config } from '../config/config.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';

/** Which part of the program a process is. */
export type Role = 'all' | 'web' | 'worker';

/** The systems that the program works with: those of the settings, or a sandbox in their place. */
export interface Environment {
  config: Config;
  databaseUrl: string;
  /** The surfaces to watch if no surfaces file is set. */
  surfaces: SandboxSurfaces | null;
  customers: { id: string; email: string; name: string }[];
  /** Pages of the sandbox, linked on every page of the console and shown to the person at the terminal. */
  pages: { name: string; url: string }[];
}

/** The services of a sandbox. */
export interface SandboxSurfaces {
  /** A surfaces file that lists them. */
  text(): string;
  /** Calls the listener when that file has changed. */
  onChange(listener: () => void): void;
}

/** Starts a sandbox for each part that is not configured. Never called in production. Throws when it is aborted. */
export type StartSandbox = (config: Config, start: SandboxStart) => Promise<Environment>;

export interface SandboxStart {
  log: Log;
  /** Receives one cleanup for each part that was started. */
  cleanups: Cleanups;
  /** Shows progress to the person at the terminal. */
  say: (line: string) => void;
  /** Aborted when the process has to stop; the start then ends with the reason of the abort. */
  stopping: AbortSignal;
}

/** The environment that the settings describe, with nothing in place of what is unset. */
export const configured = (config: Config): Environment => ({
  config,
  databaseUrl: config.database.url ?? '',
  surfaces: null,
  customers: [],
  pages: [],
});
