import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE, IS_FIRING } from '../actors/projections/alert.ts';
import { COMMITS_ASYNCHRONOUSLY } from '../db/asynchronousCommit.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared } from '../db/prepared.ts';
import { plausibleInstant } from './plausibleInstant.ts';
import { arrivalInstant, ownInstant } from './resolutions/instants.ts';

/** The statement that records emissions, and learns from them how often their source repeats its alerts. */

/** An alert whose stored time stays for now, or of which a newer emission was recorded. */
export interface KnownAlert {
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

/** The time of an alert is stored again after this. */
export const WRITE_EVERY_MS = 60_000;
const WRITE_EVERY_SECONDS = WRITE_EVERY_MS / 1_000;
/**
 * A stored time that is not older stays. Shorter than the minute: by the clock of the database, a time that this process
 * stored a minute ago may be slightly younger, and must not stay for another minute.
 */
const RECENT_SECONDS = 50;

/** Two emissions that are closer may be a retry of one request. */
const MIN_GAP_SECONDS = 2;
/** After a longer pause within an episode its sender was silent. */
const MAX_GAP_SECONDS = 25 * 3_600;
const GAP = 'extract(epoch from excluded.last_seen_at - s.last_seen_at)::float8';
const alertThat = (condition: string): string =>
  `exists (select from actors a where a.id = ${alertActorSql('s.alert_key')} and ${condition})`;
/** A flapping alert that comes back was not repeated, although its episode is the same. */
const IS_REPEATED = alertThat(IS_FIRING);
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
 * its alerts once one of them came again at regular gaps for an hour, without ending meanwhile. `$2`: the limit of
 * `LastSeen.recordSeen`; of a silent alert only the sender's instants are stored. With `$2`, a recent time stays unless
 * the sender gave an instant.
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
    select s.alert_key, s.last_seen_at from known s where s.age_seconds > $2::float8 and ${alertThat(IS_ACTIVE)}
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
        when ${GAP} <= ${MAX_GAP_SECONDS} and ${IS_REPEATED} then ${GAP} end,
      repeats = case when ${IS_SILENT} or ${GAP} < ${MIN_GAP_SECONDS} then s.repeats
        when ${GAP} > ${MAX_GAP_SECONDS} or not ${IS_REPEATED} then 0
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

export const RECORD_SEEN = prepared(recordSeenIf('true'));
export const RECORD_SEEN_ASYNCHRONOUSLY = prepared(recordSeenIf(COMMITS_ASYNCHRONOUSLY));
