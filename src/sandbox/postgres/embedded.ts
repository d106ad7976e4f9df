import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareCluster } from './cluster.ts';
import { EmbeddedPostgresError } from './embeddedError.ts';
import type { GuardedServer } from './guardedServer.ts';
import { pidOf, serve, urlOf } from './serve.ts';

const PREDECESSOR_MS = 10_000;
/** A server that has not stopped by then is stopped the hard way; it recovers at its next start. */
const STOP_MS = 5_000;

export interface EmbeddedPostgres {
  /** Carries the password: never log it. */
  url: string;
  port: number;
  /** The postmaster. */
  pid: number;
  /** Resolves when the server is gone, whoever stopped it. */
  ended: Promise<void>;
  /** Stops the server and waits until it is gone; an ephemeral one is deleted. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dir: string;
  ephemeral?: boolean;
  port?: number;
  patienceMs?: number;
}

/**
 * Starts a real PostgreSQL on loopback whose files live in `dir`, and stops it when this process ends in any way.
 * `ephemeral`: `dir` must be missing or empty, nothing is synced to disk, and all of it is deleted on stop.
 * `port`: a fixed one, so that a server can come back where it was; otherwise a free one.
 * `patienceMs`: how long a predecessor on the same folder, or on the wanted port, may take to go away; 10 s.
 * Throws EmbeddedPostgresError with a sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(options.dir);
  const { port: wantedPort, ephemeral = false, patienceMs = PREDECESSOR_MS } = options;
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresError('There is no embedded Postgres on Windows: set DATABASE_URL.');
  }
  try {
    const cluster = await prepareCluster(dir, ephemeral);
    const cleanUp = async (): Promise<void> => {
      if (ephemeral) await Promise.all([dir, cluster.home].map((path) => rm(path, { recursive: true, force: true })));
    };
    const { server, port } = await serve(cluster, { port: wantedPort, ephemeral, patienceMs }).catch(async (error) => {
      await cleanUp();
      throw error;
    });
    const pid = pidOf(cluster) ?? server.pid;
    const stop = (): Promise<void> => stopServer(server, pid).then(cleanUp);
    return { url: urlOf(cluster, port), port, pid, ended: server.ended, stop };
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(
      `The embedded Postgres cannot use ${dir} (${reason.trim()}): choose another DATA_DIR, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

async function stopServer(server: GuardedServer, pid: number): Promise<void> {
  const patience = new AbortController();
  const gone = server.stop().finally(() => patience.abort());
  await Promise.race([gone, sleep(STOP_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
  if (!patience.signal.aborted) signal(pid, 'SIGQUIT');
  await gone;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It went away by itself meanwhile.
  }
}
