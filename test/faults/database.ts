import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';

/** A Postgres that keeps its data on disk and can be struck down; it comes back on the same port. */
export interface RestartableDatabase {
  url: string;
  /** As an immediate shutdown (SIGQUIT) or a crash of the postmaster (SIGKILL) does, and then back again. */
  restart(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Cuts every connection of the program; how many that were. */
  cutConnections(): Promise<number>;
  /** On a connection of its own. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** Recovery after a crash takes its time on a busy machine. */
const PATIENCE_MS = 60_000;

export async function startRestartableDatabase(dir: string, port: number): Promise<RestartableDatabase> {
  const options = { dir, port, patienceMs: PATIENCE_MS };
  let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
  const { url } = server;

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
      server = await startEmbeddedPostgres(options);
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
