import pg from 'pg';
import type { Log } from '../log/log.ts';
import { keepConnected } from './keepConnected.ts';

/** Receives NOTIFY on its own connection, and reconnects when the database was lost. */
export interface Listener {
  /** Calls back with each payload. Returns how to unsubscribe. Throws for a channel that was not given at the start. */
  on(channel: string, callback: (payload: string) => void): () => void;
  /** Calls back after a reconnect, because notifications may have been missed. Returns how to unsubscribe. */
  onReconnect(callback: () => void): () => void;
  stop(): Promise<void>;
}

const ANSWER_MS = 3_000;

export function startListener(databaseUrl: string, channels: readonly string[], log: Log): Listener {
  const callbacks = new Map<string, Set<(payload: string) => void>>(channels.map((name) => [name, new Set()]));
  const reconnectCallbacks = new Set<() => void>();
  const connection = keepConnected({
    databaseUrl,
    name: 'auto-ticketing listener',
    log,
    async prepare(client) {
      client.on('notification', ({ channel, payload }) => {
        for (const callback of callbacks.get(channel) ?? []) callback(payload ?? '');
      });
      for (const channel of channels) {
        const text = `listen ${pg.escapeIdentifier(channel)}`;
        await client.query({ text, query_timeout: ANSWER_MS } as pg.QueryConfig);
      }
    },
    onUp(again) {
      if (again) for (const callback of reconnectCallbacks) callback();
    },
  });

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
    stop: () => connection.stop(),
  };
}
