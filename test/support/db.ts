import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { onFreePort } from './freePort.ts';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

const silent = createLog({ level: 'silent' });

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Closes the pool and drops the database, even while others are connected to it. */
  drop(): Promise<void>;
}

/** A new database in the cluster of this test run: migrated, or without any table when `empty`. */
export async function createTestDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const { url: adminUrl, template } = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(adminUrl, `create database ${name} template ${empty ? 'template0' : template}`);
  const url = new URL(adminUrl);
  url.pathname = name;
  const pool = createPool(url.href, 10, silent, { connectMs: WAIT_TIMEOUT_MS, keepsPlans: true });
  const drop = async (): Promise<void> => {
    await pool.end();
    await execute(adminUrl, `drop database ${name} with (force)`);
  };
  return { url: url.href, pool, drop };
}

export interface TestCluster {
  /** Of a migrated database; the same after every restart. */
  url: string;
  /** Kills Postgres; resolves when it is gone. */
  crash(): Promise<void>;
  /** Stops Postgres; resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** Stops Postgres and deletes its data. */
  drop(): Promise<void>;
}

/** A Postgres for one test that stops and restarts it. */
export async function startTestCluster(): Promise<TestCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-cluster-'));
  let server: EmbeddedPostgres = await onFreePort((port) => startEmbeddedPostgres({ dir, port, patienceMs: 0 }));
  const { url, port } = server;
  await migrate(url, silent);
  return {
    url,
    async crash() {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
    },
    stop: () => server.stop(),
    async start() {
      server = await startEmbeddedPostgres({ dir, port, patienceMs: WAIT_TIMEOUT_MS });
    },
    async drop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a new connection and returns its rows. */
export async function execute(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
