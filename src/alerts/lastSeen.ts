import type { ClientBase, Pool } from 'pg';

/**
 * When each alert was last emitted. A repeated emission changes nothing in its actor, so the time is stored in a
 * separate table, at most once a minute per alert and process.
 */
export interface LastSeen {
  /** Call before the emission is delivered, so that a filing that it starts does not find the alert silent. */
  recordSeen(alertKeys: readonly string[]): Promise<void>;
  /** The same for keys that are known only during the delivery: records at once, in its transaction. */
  recordSeenIn(client: ClientBase, alertKeys: readonly string[]): Promise<void>;
  /** Whether the alert was not emitted for longer than the limit. */
  isSilent(alertKey: string): Promise<boolean>;
}

const WRITE_EVERY_MS = 60_000;
const MAX_KEYS = 50_000;

export function createLastSeen(pool: Pool, silentAfterMinutes: number): LastSeen {
  const written = new Map<string, number>();
  return {
    async recordSeen(alertKeys) {
      const now = performance.now();
      const due = [...new Set(alertKeys)].filter(
        (key) => now - (written.get(key) ?? Number.NEGATIVE_INFINITY) > WRITE_EVERY_MS,
      );
      if (due.length === 0) return;
      await pool.query(RECORD, [due]);
      if (written.size > MAX_KEYS) written.clear();
      for (const key of due) written.set(key, now);
    },
    async recordSeenIn(client, alertKeys) {
      if (alertKeys.length > 0) await client.query(RECORD, [[...new Set(alertKeys)]]);
    },
    async isSilent(alertKey) {
      const { rowCount } = await pool.query(
        "select 1 from alert_sightings where alert_key = $1 and last_seen_at < clock_timestamp() - $2 * interval '1 minute'",
        [alertKey, silentAfterMinutes],
      );
      return (rowCount ?? 0) > 0;
    },
  };
}

const RECORD = `
  insert into alert_sightings (alert_key, last_seen_at)
  select key, clock_timestamp() from unnest($1::text[]) as key order by key
  on conflict (alert_key) do update set last_seen_at = excluded.last_seen_at`;
