import type { ClientBase, Pool } from 'pg';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { COMMITS_ASYNCHRONOUSLY } from '../db/asynchronousCommit.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPreparedForFew } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import { plausibleInstant } from './plausibleInstant.ts';
import { arrivalInstant, ownInstant } from './resolutions/instants.ts';
import type { LastEmission } from './resolutions/order.ts';
import { ownLimitSeconds } from './sources/ownInterval.ts';

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

/** An alert whose stored time stays for now, or of which a newer emission was recorded. */
interface KnownAlert {
  alertKey: string;
  /** Set where its sender was silent. */
  lastSeenAt: string | null;
  /** Of its stored time, where that is new enough to stay. */
  ageMs: number | null;
  /** The full id of the newer emission. */
  alertId: string | null;
  sentAt: Date | null;
  arrivedAt: Date | null;
}

const WRITE_EVERY_MS = 60_000;
const WRITE_EVERY_SECONDS = WRITE_EVERY_MS / 1_000;
/**
 * A stored time that is not older stays. Shorter than the minute: by the clock of the database, a time that this process
 * stored a minute ago may be slightly younger, and must not stay for another minute.
 */
const RECENT_SECONDS = 50;
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

/**
 * SQL of the alerts among `keys` that were not emitted for longer than their limit in `seconds`, both arrays. The surface is
 * read only of those that are beyond it: `case` keeps Postgres from reading it of all.
 */
export const SILENT_KEYS = (keys: string, seconds: string): string => `
  select s.alert_key from unnest(${keys}::text[], ${seconds}::float8[]) as asked(alert_key, seconds)
  join alert_sightings s using (alert_key)
  where case when s.last_seen_at < clock_timestamp() - asked.seconds * interval '1 second' then
    s.last_seen_at < clock_timestamp() - coalesce((
      select ${ownLimitSeconds(alertSql.text('source', contextOf('a')), alertSql.text('surfaceId', contextOf('a')))}
      from actors a where a.id = ${alertActorSql('s.alert_key')}), 0) * interval '1 second'
    else false end`;

/** Two emissions that are closer may be a retry of one request. */
const MIN_GAP_SECONDS = 2;
/** After a longer pause within an episode its sender was silent. */
const MAX_GAP_SECONDS = 25 * 3_600;
const GAP = 'extract(epoch from excluded.last_seen_at - s.last_seen_at)::float8';
const IS_SAME_EPISODE = `exists (select from actors a where a.id = ${alertActorSql('s.alert_key')} and ${IS_ACTIVE})`;
const newest = (column: string): string => `
  ${column} = case when excluded.sent_id = s.sent_id then greatest(excluded.${column}, s.${column})
    when excluded.sent_id is null then s.${column} else excluded.${column} end`;
const IS_SILENT = 'exists (select from silent where silent.alert_key = s.alert_key)';

/** Emissions are recorded once a minute, so that gaps vary by that. The pauses between retries grow faster. */
const IS_REGULAR = `abs(${GAP} - s.gap_seconds) <= greatest(${WRITE_EVERY_SECONDS}, s.gap_seconds / 2)`;
/** A client that has lost our answer rarely retries for longer. */
const REGULAR_SECONDS = 3_600;
const REGULAR_REPEATS = 3;

/**
 * Of one full id the newest instants count; of another id of the same key those of its own emission. A source repeats
 * its alerts once one of them came again at regular gaps for an hour, within one episode. `$2`: see `recordSeen`; of a
 * silent alert only the sender's instants are stored. With `$2`, a recent time stays unless the sender gave an instant.
 */
const recordSeenIf = (condition: string): string => `
  with emitted as (
    select "alertKey", "alertId", ${plausibleInstant('"sentAt"')} as own_at, ${plausibleInstant('"startedAt"')} as started_at,
      "arrivedAt" as arrived_at
    from ${rowsFromJson('"alertKey" text, "alertId" text, "sentAt" timestamptz, "startedAt" timestamptz, "arrivedAt" timestamptz')}
  ), known as materialized (
    select s.alert_key, s.last_seen_at, coalesce(e.own_at, e.started_at, e.arrived_at) is not null as has_instant,
      extract(epoch from clock_timestamp() - s.last_seen_at)::float8 as age_seconds,
      case when s.sent_id = e."alertId" then s.sent_id end as sent_id, e.own_at as emitted_at, e.arrived_at as emission_arrived_at,
      ${ownInstant('s')} as own_at, ${arrivalInstant('s')} as arrived_at
    from emitted e join alert_sightings s on s.alert_key = e."alertKey"
    where $2::float8 is not null
  ), silent as materialized (
    select s.alert_key, s.last_seen_at from known s where s.age_seconds > $2::float8 and ${IS_SAME_EPISODE}
  ), recent as materialized (
    select alert_key, age_seconds from known
    where age_seconds between 0 and least($2::float8, ${RECENT_SECONDS}) and not has_instant
  ), seen as (
    insert into alert_sightings as s (alert_key, last_seen_at, sent_id, sent_at, own_at, started_at, arrived_at)
    select "alertKey", clock_timestamp(), case when coalesce(own_at, started_at, arrived_at) is not null then "alertId" end,
      coalesce(own_at, case when started_at is null then arrived_at end), own_at, started_at, arrived_at
    from emitted where ${condition} and not exists (select from recent where recent.alert_key = "alertKey")
    order by 1
    on conflict (alert_key) do update set
      last_seen_at = case when ${IS_SILENT} then s.last_seen_at else excluded.last_seen_at end,
      sent_id = coalesce(excluded.sent_id, s.sent_id),
      ${['sent_at', 'own_at', 'started_at', 'arrived_at'].map(newest).join(', ')},
      gap_seconds = case when ${IS_SILENT} or ${GAP} < ${MIN_GAP_SECONDS} then s.gap_seconds
        when ${GAP} <= ${MAX_GAP_SECONDS} and ${IS_SAME_EPISODE} then ${GAP} end,
      repeats = case when ${IS_SILENT} or ${GAP} < ${MIN_GAP_SECONDS} then s.repeats
        when ${GAP} > ${MAX_GAP_SECONDS} or not ${IS_SAME_EPISODE} then 0
        when ${IS_REGULAR} then s.repeats + 1
        else 1 end
    returning alert_key, gap_seconds, repeats
  ), learned as (
    insert into alert_source_repeats as r (source, repeat_seconds, learned_at)
    select split_part(alert_key, ':', 1), max(gap_seconds), clock_timestamp()
    from seen where repeats >= ${REGULAR_REPEATS} and repeats * gap_seconds >= ${REGULAR_SECONDS}
    group by 1 order by 1
    on conflict (source) do update
      set repeat_seconds = greatest(excluded.repeat_seconds, r.repeat_seconds * 0.5), learned_at = excluded.learned_at
      where excluded.repeat_seconds > r.repeat_seconds or r.learned_at < clock_timestamp() - interval '1 day'
  )
  select alert_key as "alertKey", extract(epoch from last_seen_at)::text as "lastSeenAt", null::float8 as "ageMs",
    null as "alertId", null::timestamptz as "sentAt", null::timestamptz as "arrivedAt" from silent
  union all select alert_key, null, age_seconds * 1000, null, null, null from recent
  union all select alert_key, null, null, sent_id, own_at, arrived_at from known
    where sent_id is not null and coalesce(emitted_at < own_at, emission_arrived_at < arrived_at)`;

const RECORD_SEEN = prepared(recordSeenIf('true'));
const RECORD_SEEN_ASYNCHRONOUSLY = prepared(recordSeenIf(COMMITS_ASYNCHRONOUSLY));
