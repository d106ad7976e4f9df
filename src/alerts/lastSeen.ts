import type { ClientBase, Pool } from 'pg';
import { queryPreparedForFew } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import { type KnownAlert, RECORD_SEEN, RECORD_SEEN_ASYNCHRONOUSLY, WRITE_EVERY_MS } from './recordSeen.ts';
import type { LastEmission } from './resolutions/order.ts';

/**
 * When each alert was last emitted. A repeated emission changes nothing in its actor, so the time is stored in a
 * separate table, about once a minute per alert: not again where another process, or this one before it was restarted,
 * has stored it lately.
 */
export interface LastSeen {
  /**
   * Call before the emission is delivered, so that a filing that it starts does not find the alert silent. Active alerts
   * that had not been emitted for longer than this are returned as silent, and stay so until they are recorded without this
   * limit: what ends their episodes is to be delivered in the transaction that records them, so that a failed delivery
   * loses nothing of it.
   */
  recordSeen(seen: readonly Seen[], silentAfterSeconds?: number): Promise<Known>;
  /** The same for keys that are known only during the delivery: records at once, in its transaction. */
  recordSeenIn(client: ClientBase, seen: readonly Seen[]): Promise<void>;
}

/** One emission. An instant that it has is always stored, since it decides the order of what the sender says. */
export interface Seen {
  alertKey: string;
  alertId?: string;
  sentAt?: string | undefined;
  startedAt?: string | undefined;
  /** When its request was stored, by our clock. */
  arrivedAt?: string | undefined;
}

/** What was known of these alerts before, with a limit. */
export interface Known {
  silent: SilentAlert[];
  /** By alert key, the instants of those of which a newer emission was recorded. */
  newer: ReadonlyMap<string, Omit<LastEmission, 'startedAt'>>;
}

/** An active alert whose sender was silent. */
export interface SilentAlert {
  alertKey: string;
  /** Seconds since 1970, with all digits: identifies this silence. */
  lastSeenAt: string;
}

const MAX_KEYS = 50_000;

/** `clock`: milliseconds that never go back. */
export function createLastSeen(pool: Pool, clock: () => number = () => performance.now()): LastSeen {
  /** When the time of each key was stored, by `clock`. */
  const written = new Map<string, number>();
  const isDue = (alertKey: string, now: number): boolean =>
    now - (written.get(alertKey) ?? Number.NEGATIVE_INFINITY) > WRITE_EVERY_MS;
  return {
    async recordSeen(seen, silentAfterSeconds) {
      const now = clock();
      const due = seen.filter((each) => hasInstant(each) || isDue(each.alertKey, now));
      if (due.length === 0) return { silent: [], newer: new Map() };
      const rows = lastOfEach(due);
      // What decides the order of a sender's words has to be on disk before the answer, which no delivery may precede.
      const record = rows.some(hasInstant) ? RECORD_SEEN : RECORD_SEEN_ASYNCHRONOUSLY;
      const { rows: known } = await queryPreparedForFew<KnownAlert>(pool, record, {
        values: [storableJson(rows), silentAfterSeconds ?? null],
        rows: rows.length,
      });
      const silent = known.flatMap(({ alertKey, lastSeenAt }) =>
        lastSeenAt === null ? [] : [{ alertKey, lastSeenAt }],
      );
      const silentKeys = new Set(silent.map(({ alertKey }) => alertKey));
      const agesMs = new Map(known.map(({ alertKey, ageMs }) => [alertKey, ageMs]));
      const newer = known.flatMap(({ alertKey, alertId, sentAt, arrivedAt }) =>
        alertId === null ? [] : [[alertKey, { alertId, sentAt, arrivedAt }] as const],
      );
      if (written.size > MAX_KEYS) written.clear();
      for (const { alertKey } of rows)
        if (!silentKeys.has(alertKey)) written.set(alertKey, now - (agesMs.get(alertKey) ?? 0));
      return { silent, newer: new Map(newer) };
    },
    async recordSeenIn(client, seen) {
      const rows = lastOfEach(seen);
      const values = [storableJson(rows), null];
      if (rows.length > 0) await queryPreparedForFew(client, RECORD_SEEN, { values, rows: rows.length });
    },
  };
}

/** The last emission of each key. */
const lastOfEach = (seen: readonly Seen[]): Seen[] => [...new Map(seen.map((each) => [each.alertKey, each])).values()];

const hasInstant = ({ sentAt, startedAt, arrivedAt }: Seen): boolean =>
  sentAt !== undefined || startedAt !== undefined || arrivedAt !== undefined;
