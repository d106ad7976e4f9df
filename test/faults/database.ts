import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { onFreePort } from '../support/freePort.ts';

/** A Postgres with its data on disk that can be ended and restarted on the same port. */
export interface RestartableDatabase {
  url: string;
  /** An immediate shutdown (SIGQUIT) or a crash of the postmaster (SIGKILL), followed by a start. */
  restart(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Cuts every connection of the program; resolves with their number. */
  cutConnections(): Promise<number>;
  /** Runs a query on a new connection. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** How long the old server may take to release its port and data on a busy machine. */
const PATIENCE_MS = 60_000;

export async function startRestartableDatabase(dir: string): Promise<RestartableDatabase> {
  let server: EmbeddedPostgres = await onFreePort((port) => startEmbeddedPostgres({ dir, port, patienceMs: 0 }));
  const { url, port } = server;

  async function rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url, application_name: 'faults' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  return {
    url,
    rows,
    async restart(signal) {
      process.kill(server.pid, signal);
      await server.ended;
      server = await startEmbeddedPostgres({ dir, port, patienceMs: PATIENCE_MS });
    },
    async cutConnections() {
      const cut = await rows<{ n: number }>(
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
         where backend_type = 'client backend' and application_name <> 'faults'`,
      );
      return cut[0]?.n ?? 0;
    },
    stop: () => server.stop(),
  };
}
