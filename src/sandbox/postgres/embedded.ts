import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareCluster } from './cluster.ts';
import { EmbeddedPostgresError } from './embeddedError.ts';
import type { GuardedServer } from './guardedServer.ts';
import { pidOf, serve, urlOf } from './serve.ts';

const PATIENCE_MS = 10_000;
/** After this time the server is stopped with SIGQUIT; it then recovers at its next start. */
const STOP_MS = 5_000;

export interface EmbeddedPostgres {
  /** Carries the password: never log it. */
  url: string;
  port: number;
  /** The process id of the postmaster. */
  pid: number;
  /** Resolves when the server has ended for any reason. */
  ended: Promise<void>;
  /** Stops the server; deletes an ephemeral one. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dir: string;
  ephemeral?: boolean;
  port?: number;
  patienceMs?: number;
  signal?: AbortSignal;
}

/**
 * Starts a real PostgreSQL on loopback with its files in `dir`, and stops it when this process ends for any reason.
 * `ephemeral`: `dir` must be missing or empty, nothing is synced to disk, and all of it is deleted on stop.
 * `port`: by default any free port.
 * `patienceMs`: how long to wait for another server on the same folder or on the wanted port to stop; 10 s by default.
 * `signal`: stops the start and the server; rejects with its reason.
 * Throws EmbeddedPostgresError, whose message says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(options.dir);
  const { port: wantedPort, ephemeral = false, patienceMs = PATIENCE_MS, signal: stopping } = options;
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresError('The embedded Postgres does not support Windows: set DATABASE_URL.');
  }
  try {
    const cluster = await prepareCluster(dir, ephemeral, stopping);
    const cleanUp = async (): Promise<void> => {
      if (ephemeral) await Promise.all([dir, cluster.home].map((path) => rm(path, { recursive: true, force: true })));
    };
    const { server, port } = await serve(cluster, { port: wantedPort, ephemeral, patienceMs, stopping }).catch(
      async (error) => {
        await cleanUp();
        throw error;
      },
    );
    const pid = pidOf(cluster) ?? server.pid;
    const stop = (): Promise<void> => stopServer(server, pid).then(cleanUp);
    return { url: urlOf(cluster, port), port, pid, ended: server.ended, stop };
  } catch (error) {
    stopping?.throwIfAborted();
    if (error instanceof EmbeddedPostgresError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(
      `The embedded Postgres cannot use ${dir} (${reason.trim()}): choose another DATA_DIR, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

async function stopServer(server: GuardedServer, pid: number): Promise<void> {
  const stopLimit = new AbortController();
  const gone = server.stop().finally(() => stopLimit.abort());
  await Promise.race([gone, sleep(STOP_MS, undefined, { signal: stopLimit.signal }).catch(() => undefined)]);
  if (!stopLimit.signal.aborted) signal(pid, 'SIGQUIT');
  await gone;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended already.
  }
}
