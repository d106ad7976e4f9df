import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { giveTo } from './account.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresError } from './embeddedError.ts';
import { type GuardedServer, spawnGuarded } from './guardedServer.ts';

/** Recovery after a crash counts as starting. */
const START_MS = 60_000;
const CONNECT_MS = 10_000;
const FREE_PORT_ATTEMPTS = 10;
const LOG_LIMIT_BYTES = 1024 * 1024;

interface ServeOptions {
  /** Any free port when undefined. */
  port: number | undefined;
  ephemeral: boolean;
  /** How long to wait for another server on the same folder or on the wanted port to stop. */
  patienceMs: number;
  /** Aborted when the start has to stop. */
  stopping: AbortSignal | undefined;
}

/** Starts the server and resolves once it accepts connections. Throws EmbeddedPostgresError when it cannot start. */
export async function serve(
  cluster: Cluster,
  { port: wantedPort, ephemeral, patienceMs, stopping }: ServeOptions,
): Promise<{ server: GuardedServer; port: number }> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    const port = wantedPort ?? (await freePort());
    // Distinguishes our server from an earlier one that still runs on the same port.
    const name = `auto-ticketing-${randomBytes(6).toString('hex')}`;
    const log = await openLog(cluster);
    const server = spawnGuarded({
      account: cluster.account,
      command: [join(cluster.binaries.bin, 'postgres'), '-D', cluster.data, ...settings(name, port, ephemeral)],
      logFd: log.fd,
      removeAfterwards: ephemeral ? cluster.home : null,
    });
    closeSync(log.fd);
    const isReady = () => log.newLines().includes('database system is ready to accept connections');
    if (await answers({ server, name, url: urlOf(cluster, port), isReady, stopping })) return { server, port };

    stopping?.throwIfAborted();
    const output = log.newLines();
    const dataTaken = /lock file .* already exists|shared memory block .* still in use/.test(output);
    const portTaken = /could not bind|could not create any TCP/.test(output);
    if (!dataTaken && !portTaken) throw brokenError(cluster, output);
    // Another process took the free port first; the next attempt uses another one.
    if (portTaken && wantedPort === undefined && attempt < FREE_PORT_ATTEMPTS) continue;
    if (Date.now() > deadline) throw dataTaken ? dataTakenError(cluster) : portTakenError(port);
    await sleep(250);
  }
}

/** Tests run many programs on one server, and on a busy machine each of them uses all connections that it may have. */
const EPHEMERAL = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: 500 };

function settings(name: string, port: number, ephemeral: boolean): string[] {
  const values: Record<string, string | number> = {
    cluster_name: name,
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // The caller reports failed statements; in this log file they could expose secrets.
    log_min_messages: 'log',
    ...(ephemeral ? EPHEMERAL : {}),
  };
  return Object.entries(values).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
}

/** True once our server accepts a connection; false when it ended or was stopped before that. */
async function answers({ server, name, url, isReady, stopping }: Starting): Promise<boolean> {
  let ended = false;
  void server.ended.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + START_MS; Date.now() < deadline && !stopping?.aborted; await sleep(25)) {
    if (ended) return false;
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ cluster_name: string }>('show cluster_name');
      if (rows[0]?.cluster_name === name) return true;
    } catch (error) {
      // Until ours is ready, another server on that port may have refused the password.
      if (!isWrongPassword(error) || !isReady()) continue;
      await server.stop();
      throw passwordError(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  await server.stop();
  return false;
}

interface Starting {
  server: GuardedServer;
  /** The cluster name of our server. */
  name: string;
  url: string;
  /** Whether our server has logged that it accepts connections. */
  isReady(): boolean;
  stopping: AbortSignal | undefined;
}

const isWrongPassword = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '28P01';

/** The process id of the postmaster that uses the data, or null when none does. */
export function pidOf(cluster: Cluster): number | null {
  const file = join(cluster.data, 'postmaster.pid');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : null;
}

/** Carries the password: never log it. */
export const urlOf = (cluster: Cluster, port: number): string =>
  `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`;

async function openLog(cluster: Cluster): Promise<{ fd: number; newLines(): string }> {
  const file = join(cluster.home, 'postgres.log');
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) truncateSync(file);
  const start = size > LOG_LIMIT_BYTES ? 0 : size;
  const fd = openSync(file, 'a', 0o600);
  await giveTo(cluster.account, file);
  return { fd, newLines: () => (existsSync(file) ? readFileSync(file).subarray(start).toString('utf8') : '') };
}

function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

function dataTakenError(cluster: Cluster): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `Another process already uses the embedded database in ${cluster.home} (its Postgres is process ${pidOf(cluster)}): ` +
      'stop that process first, or set the same DATABASE_URL for both.',
  );
}

const portTakenError = (port: number): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `Port ${port} of 127.0.0.1 is in use: stop the program that listens there, or use a free port.`,
  );

const passwordError = (cause: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'The database rejects the password in the file "password" beside it: restore the right file, or move the folder away ' +
      'to start with an empty database, or set DATABASE_URL.',
    { cause },
  );

function brokenError(cluster: Cluster, output: string): EmbeddedPostgresError {
  const lines = output.trim().split('\n');
  const reason = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.slice(-2).join(' ');
  return new EmbeddedPostgresError(
    `Postgres does not start on ${cluster.data}: ${reason || 'it ended without a message'}. ` +
      `Details may be in ${join(cluster.home, 'postgres.log')}. Restore that folder from a backup, ` +
      'or move it away to start with an empty database, or set DATABASE_URL.',
  );
}
