import type { ClientBase, Pool } from 'pg';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { storableJson } from '../db/storable.ts';

/**
 * When each alert was last emitted. A repeated emission changes nothing in its actor, so the time is stored in a
 * separate table, at most once a minute per alert and process.
 */
export interface LastSeen {
  /** Call before the emission is delivered, so that a filing that it starts does not find the alert silent. */
  recordSeen(seen: readonly Seen[]): Promise<void>;
  /** The same for keys that are known only during the delivery: records at once, in its transaction. */
  recordSeenIn(client: ClientBase, seen: readonly Seen[]): Promise<void>;
  /** Those of the keys that this process did not record within the last minute. */
  notJustSeen(alertKeys: readonly string[]): string[];
}

/** One emission. An instant of the sender is always stored, since it decides the order of what the sender says. */
export interface Seen {
  alertKey: string;
  alertId?: string;
  sentAt?: string | undefined;
  startedAt?: string | undefined;
}

const WRITE_EVERY_MS = 60_000;
const MAX_KEYS = 50_000;

export function createLastSeen(pool: Pool): LastSeen {
  const written = new Map<string, number>();
  const isDue = (alertKey: string, now: number): boolean =>
    now - (written.get(alertKey) ?? Number.NEGATIVE_INFINITY) > WRITE_EVERY_MS;
  return {
    notJustSeen(alertKeys) {
      const now = performance.now();
      return alertKeys.filter((alertKey) => isDue(alertKey, now));
    },
    async recordSeen(seen) {
      const now = performance.now();
      const due = seen.filter(
        ({ alertKey, sentAt, startedAt }) => sentAt !== undefined || startedAt !== undefined || isDue(alertKey, now),
      );
      if (due.length === 0) return;
      const rows = [...new Map(due.map((each) => [each.alertKey, each])).values()];
      await pool.query(RECORD_SEEN, [storableJson(rows)]);
      if (written.size > MAX_KEYS) written.clear();
      for (const { alertKey } of rows) written.set(alertKey, now);
    },
    async recordSeenIn(client, seen) {
      const rows = [...new Map(seen.map((each) => [each.alertKey, each])).values()];
      if (rows.length > 0) await client.query(RECORD_SEEN, [storableJson(rows)]);
    },
  };
}

/** SQL of the alerts among `keys` that were not emitted for longer than their limit in `seconds`, both arrays. */
export const SILENT_KEYS = (keys: string, seconds: string): string => `
  select s.alert_key from unnest(${keys}::text[], ${seconds}::float8[]) as asked(alert_key, seconds)
  join alert_sightings s using (alert_key)
  where s.last_seen_at < clock_timestamp() - asked.seconds * interval '1 second'`;

/** Two emissions that are closer may be a retry of one request. */
const MIN_GAP_SECONDS = 2;
/** A longer pause within an episode is a silence. */
const MAX_GAP_SECONDS = 25 * 3_600;
const GAP = 'extract(epoch from excluded.last_seen_at - s.last_seen_at)::float8';
const IS_SAME_EPISODE = `exists (select from actors a where a.id = ${alertActorSql('s.alert_key')} and ${IS_ACTIVE})`;

/**
 * Of one full id the newest instants count; of another id of the same key those of its own emission. A source repeats
 * its alerts once one of them came twice again at about the same distance, within one episode.
 */
const RECORD_SEEN = `
  with seen as (
    insert into alert_sightings as s (alert_key, last_seen_at, sent_id, sent_at, started_at)
    select "alertKey", clock_timestamp(), case when coalesce("sentAt", "startedAt") is not null then "alertId" end,
      "sentAt", "startedAt"
    from ${rowsFromJson('"alertKey" text, "alertId" text, "sentAt" timestamptz, "startedAt" timestamptz')}
    order by 1
    on conflict (alert_key) do update set last_seen_at = excluded.last_seen_at,
      sent_id = coalesce(excluded.sent_id, s.sent_id),
      sent_at = case when excluded.sent_id = s.sent_id then greatest(excluded.sent_at, s.sent_at)
        when excluded.sent_id is null then s.sent_at else excluded.sent_at end,
      started_at = case when excluded.sent_id = s.sent_id then greatest(excluded.started_at, s.started_at)
        when excluded.sent_id is null then s.started_at else excluded.started_at end,
      gap_seconds = case when ${GAP} < ${MIN_GAP_SECONDS} then s.gap_seconds
        when ${GAP} <= ${MAX_GAP_SECONDS} and ${IS_SAME_EPISODE} then ${GAP} end,
      repeats = case when ${GAP} < ${MIN_GAP_SECONDS} then s.repeats
        when ${GAP} > ${MAX_GAP_SECONDS} or not ${IS_SAME_EPISODE} then 0
        when ${GAP} between s.gap_seconds / 3 and s.gap_seconds * 3 then s.repeats + 1
        else 1 end
    returning alert_key, gap_seconds, repeats
  )
  insert into alert_source_repeats as r (source, repeat_seconds, learned_at)
  select split_part(alert_key, ':', 1), max(gap_seconds), clock_timestamp()
  from seen where repeats >= 2 group by 1 order by 1
  on conflict (source) do update
    set repeat_seconds = greatest(excluded.repeat_seconds, r.repeat_seconds * 0.5), learned_at = excluded.learned_at
    where excluded.repeat_seconds > r.repeat_seconds or r.learned_at < clock_timestamp() - interval '1 day'`;
