import type pg from 'pg';
import type { Log } from '../log/log.ts';
import { DatabaseClient, refuseStandby } from './client.ts';
import { closeConnection } from './closeConnection.ts';
import { CLIENT_KEEPALIVES, withSessionSettings } from './session.ts';

/** A connection of its own that lasts, and is replaced when it breaks or falls silent. */
export interface KeptConnection {
  stop(): Promise<void>;
}

interface KeepOptions {
  /** Direct: through a pooler in transaction mode a session does not last. */
  databaseUrl: string;
  /** How the connection is shown by the database. */
  name: string;
  /** Called on each new connection before it is used, without a limit. The connection is replaced when this rejects. */
  prepare(client: pg.Client): Promise<unknown>;
  /** Called when a connection is ready; `again` after an earlier one. */
  onUp?(again: boolean): void;
  /** Called when a connection that was ready is lost. */
  onDown?(): void;
  log: Log;
}

const CONNECT_MS = 3_000;
const RETRY_MS = 500;
const HEARTBEAT_EVERY_MS = 1_000;
const HEARTBEAT_TIMEOUT_MS = 2_000;
/**
 * Without a heartbeat for this long the server ends the session, and with it its locks. Longer than this side needs to
 * notice that its heartbeats get no answer, so that both never believe different things for long.
 */
const SILENCE_MS = 6_000;

export function keepConnected(options: KeepOptions): KeptConnection {
  const { log, name, prepare, onUp, onDown } = options;
  const url = withSessionSettings(options.databaseUrl, { idle_session_timeout: SILENCE_MS });
  let current: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let connections = 0;
  let stopped = false;

  async function connect(): Promise<void> {
    const client = new DatabaseClient({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: CONNECT_MS,
      ...CLIENT_KEEPALIVES,
    });
    current = client;
    let heartbeat: NodeJS.Timeout | undefined;
    let ready = false;
    let lost = false;
    const onLost = (error?: Error) => {
      if (lost) return;
      lost = true;
      clearTimeout(heartbeat);
      client.end().catch(() => undefined);
      if (stopped) return;
      log.debug({ err: error, connection: name }, 'database connection lost; reconnecting');
      if (ready) onDown?.();
      retry = setTimeout(() => void connect(), RETRY_MS);
    };
    client.on('error', onLost);
    client.on('end', () => onLost());
    const beat = () =>
      client.query({ text: 'select 1', query_timeout: HEARTBEAT_TIMEOUT_MS } as pg.QueryConfig).then(beatLater, onLost);
    const beatLater = () => {
      if (!lost) heartbeat = setTimeout(() => void beat(), HEARTBEAT_EVERY_MS);
    };
    try {
      await client.connect();
      refuseStandby(client);
      await prepare(client);
    } catch (error) {
      return onLost(error as Error);
    }
    if (lost || stopped) return;
    ready = true;
    connections += 1;
    beatLater();
    onUp?.(connections > 1);
  }
  void connect();

  return {
    async stop() {
      stopped = true;
      clearTimeout(retry);
      if (current) await closeConnection(current);
    },
  };
}
