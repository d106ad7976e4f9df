import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';
import { type RestartableDatabase, startRestartableDatabase } from './database.ts';

/** The database, and the network between it and each process of the program. */
export interface LinkedDatabase {
  server: RestartableDatabase;
  /** The network of each process, by the name of the process. */
  links: ReadonlyMap<string, TcpRelay>;
  /** Connects a process; resolves with its address of the database. */
  link(process: string): Promise<string>;
  /** Whether the process may end while it starts, because it cannot reach the database. */
  isAway(process: string): boolean;
  tolerateStarts(process: string, untilMs: number): void;
  /** Cuts every database connection of the program. */
  cutConnections(): Promise<void>;
  /** Ends and restarts the database. */
  restart(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Ends the primary, and lets its standby take over. `silently`: connections to the primary do not close. */
  failOver(silently: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** How long after a database fault a process may notice it. */
const AFTERMATH_MS = 3_000;
/** The program's own limit for a query that gets no answer, and the time of a start. */
const SILENT_AFTERMATH_MS = 15_000;

/** After this time keepalives end a connection that fell silent. The relay answers them, so it ends the connection itself. */
export const KEEPALIVES_END_MS = 12_000;
export const endByKeepalives = (link: TcpRelay): void =>
  void setTimeout(() => link.dropFrozen(), KEEPALIVES_END_MS).unref();

export async function startLinkedDatabase(dir: string): Promise<LinkedDatabase> {
  const server = await startRestartableDatabase(dir);
  const links = new Map<string, TcpRelay>();
  const startsTolerated = new Map<string, number>();
  let awayUntil = 0;

  return {
    server,
    links,
    async link(process) {
      const relay = await startTcpRelay(server.url);
      links.set(process, relay);
      return relay.url;
    },
    isAway: (process) => Date.now() < Math.max(awayUntil, startsTolerated.get(process) ?? 0),
    tolerateStarts(process, untilMs) {
      startsTolerated.set(process, Math.max(startsTolerated.get(process) ?? 0, untilMs));
    },
    async cutConnections() {
      await server.cutConnections();
      // A process that is still starting gives up, as it does while the database restarts.
      awayUntil = Math.max(awayUntil, Date.now() + AFTERMATH_MS);
    },
    async restart(signal) {
      awayUntil = Number.POSITIVE_INFINITY;
      await server.restart(signal);
      awayUntil = Date.now() + AFTERMATH_MS;
    },
    async failOver(silently) {
      awayUntil = Number.POSITIVE_INFINITY;
      // From here on nothing that the old primary does reaches a process.
      for (const each of links.values()) {
        each.blockNew(true);
        each.freeze();
      }
      await server.failOver();
      for (const each of links.values()) {
        each.leadTo(server.url);
        each.blockNew(false);
        if (silently) endByKeepalives(each);
        else each.dropFrozen();
      }
      awayUntil = Date.now() + (silently ? SILENT_AFTERMATH_MS : AFTERMATH_MS);
    },
    async stop() {
      await Promise.all([...links.values()].map((each) => each.stop()));
      await server.stop();
    },
  };
}
