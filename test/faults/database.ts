import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { onFreePort } from '../support/freePort.ts';
import { setClock } from './databaseClock.ts';
import { startStandby, untilSynchronous } from './standby.ts';

/** A Postgres with its data on disk that can be ended and restarted on the same port, with a standby if wanted. */
export interface RestartableDatabase {
  /** Of the present primary. */
  readonly url: string;
  /** An immediate shutdown (SIGQUIT) or a crash of the postmaster (SIGKILL), followed by a start. */
  restart(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** The primary ends for good, and its standby is the primary from then on. */
  failOver(): Promise<void>;
  /** Gives the primary a standby; a failover needs one. */
  addStandby(): Promise<void>;
  /** Sets the clock that the program's statements read, by this much; the standby's goes with it. */
  stepClock(ms: number): Promise<void>;
  /** Cuts every connection of the program; resolves with their number. */
  cutConnections(): Promise<number>;
  /** Runs a query on a new connection. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** How long the old server may take to release its port and data on a busy machine. */
const PATIENCE_MS = 60_000;

export async function startRestartableDatabase(dir: string): Promise<RestartableDatabase> {
  let home = dir;
  let server: EmbeddedPostgres = await onFreePort((port) => startEmbeddedPostgres({ dir, port, patienceMs: 0 }));
  let standby: { server: EmbeddedPostgres; home: string } | null = null;
  let standbys = 0;
  let stepMs = 0;

  async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: url, application_name: 'faults' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  const rows = <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    connected(server.url, async (client) => (await client.query<Row>(sql, values)).rows);

  async function end(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    process.kill(server.pid, signal);
    await server.ended;
  }

  return {
    get url() {
      return server.url;
    },
    rows,
    async restart(signal) {
      const { port } = server;
      await end(signal);
      server = await startEmbeddedPostgres({ dir: home, port, patienceMs: PATIENCE_MS });
    },
    async failOver() {
      if (standby === null) throw new Error('there is no standby to take over');
      // As with a cluster manager, a standby takes over only if it has every confirmed commit.
      await connected(server.url, untilSynchronous);
      await end('SIGKILL');
      await connected(standby.server.url, async (client) => {
        await client.query('select pg_promote(true, 60)');
        // Until it has a standby of its own, it must not wait for one.
        await client.query("alter system set synchronous_standby_names = ''");
        await client.query('select pg_reload_conf()');
      });
      ({ server, home } = standby);
      standby = null;
    },
    async addStandby() {
      standbys += 1;
      const own = join(dir, `standby-${standbys}`);
      standby = { server: await startStandby(server.url, own), home: own };
    },
    async stepClock(ms) {
      stepMs += ms;
      for (const each of [server, standby?.server]) if (each) await setClock(each.url, stepMs);
    },
    async cutConnections() {
      const cut = await rows<{ n: number }>(
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
         where backend_type = 'client backend' and application_name <> 'faults'`,
      );
      return cut[0]?.n ?? 0;
    },
    async stop() {
      await standby?.server.stop();
      await server.stop();
    },
  };
}
