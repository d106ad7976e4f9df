import pg from 'pg';
import type { Log } from '../log/log.ts';

/** Hears NOTIFY on one connection of its own, for as long as it lives, through any loss of the database. */
export interface Listener {
  /** Calls back with each payload. Returns how to stop. */
  on(channel: string, heard: (payload: string) => void): () => void;
  /** Calls back when the connection is back: notifications may have been missed. */
  onReconnect(heard: () => void): () => void;
  stop(): Promise<void>;
}

const RETRY_MS = 500;

export function startListener(databaseUrl: string, channels: readonly string[], log: Log): Listener {
  const heard = new Map<string, Set<(payload: string) => void>>(channels.map((name) => [name, new Set()]));
  const back = new Set<() => void>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const again = () => {
    if (stopped || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      void connect(true);
    }, RETRY_MS);
  };

  async function connect(isBack: boolean): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'auto-ticketing listener',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
    });
    let gone = false;
    const lost = () => {
      if (gone) return;
      gone = true;
      next.end().catch(() => undefined);
      again();
    };
    next.on('error', lost);
    next.on('end', lost);
    next.on('notification', ({ channel, payload }) => {
      for (const tell of heard.get(channel) ?? []) tell(payload ?? '');
    });
    try {
      await next.connect();
      for (const channel of channels) await next.query(`listen ${pg.escapeIdentifier(channel)}`);
      client = next;
      if (isBack) for (const tell of back) tell();
    } catch (error) {
      log.debug({ err: error }, 'listening for changes failed; trying again');
      lost();
    }
  }
  void connect(false);

  return {
    on(channel, tell) {
      const set = heard.get(channel);
      if (!set) throw new Error(`nobody listens on channel ${channel}`);
      set.add(tell);
      return () => set.delete(tell);
    },
    onReconnect(tell) {
      back.add(tell);
      return () => back.delete(tell);
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
