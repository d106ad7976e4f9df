import pg from 'pg';
import type { Log } from '../log/log.ts';

/** Receives NOTIFY on its own connection, and reconnects when the database was lost. */
export interface Listener {
  /** Calls back with each payload. Returns how to unsubscribe. Throws for a channel that was not given at the start. */
  on(channel: string, callback: (payload: string) => void): () => void;
  /** Calls back after a reconnect, because notifications may have been missed. Returns how to unsubscribe. */
  onReconnect(callback: () => void): () => void;
  stop(): Promise<void>;
}

const RETRY_MS = 500;

export function startListener(databaseUrl: string, channels: readonly string[], log: Log): Listener {
  const callbacks = new Map<string, Set<(payload: string) => void>>(channels.map((name) => [name, new Set()]));
  const reconnectCallbacks = new Set<() => void>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const retryLater = () => {
    if (stopped || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      void connect(true);
    }, RETRY_MS);
  };

  async function connect(isReconnect: boolean): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'auto-ticketing listener',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
    });
    let lost = false;
    const onLost = () => {
      if (lost) return;
      lost = true;
      next.end().catch(() => undefined);
      retryLater();
    };
    next.on('error', onLost);
    next.on('end', onLost);
    next.on('notification', ({ channel, payload }) => {
      for (const callback of callbacks.get(channel) ?? []) callback(payload ?? '');
    });
    try {
      await next.connect();
      for (const channel of channels) await next.query(`listen ${pg.escapeIdentifier(channel)}`);
      client = next;
      if (isReconnect) for (const callback of reconnectCallbacks) callback();
    } catch (error) {
      log.debug({ err: error }, 'listening for notifications failed; will retry');
      onLost();
    }
  }
  void connect(false);

  return {
    on(channel, callback) {
      const set = callbacks.get(channel);
      if (!set) throw new Error(`not listening on channel ${channel}`);
      set.add(callback);
      return () => set.delete(callback);
    },
    onReconnect(callback) {
      reconnectCallbacks.add(callback);
      return () => reconnectCallbacks.delete(callback);
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
