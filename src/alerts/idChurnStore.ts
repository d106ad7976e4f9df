import type { Pool } from 'pg';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { ageSeconds } from '../db/age.ts';
import { COMMITS_ASYNCHRONOUSLY } from '../db/asynchronousCommit.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPreparedForFew } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import { CYCLE_MIN_MS, type UnrepeatedId } from './idChurnRule.ts';

/** The tables `alert_identities` (every id that was seen) and `unstable_alerts` (groups of ids that are one alert). */

/** One id of one alert. */
export interface SeenId {
  alert_key: string;
  fingerprint: string;
  /** Sent again in a later cycle. */
  repeated: boolean;
  age_seconds: number;
  /** Before this request another id with this fingerprint was sent that is not repeated so far. */
  has_others: boolean;
  /** There is a group with this fingerprint. */
  is_grouped: boolean;
}

/** One id of a resolved alert that fired before. */
export interface ResolvedId {
  fingerprint: string;
  /** Sent again in a later cycle, before this resolution. */
  repeated: boolean;
}

/** Alerts with this fingerprint count as one alert, known by one id. */
export interface ChurnGroup {
  fingerprint: string;
  alert_key: string;
  alert_id: string;
  cycle_seconds: number;
  /** The ids that led to this group. */
  alert_ids: string[];
}

export interface IdChurnStore {
  /** Records each id, and that it is repeated where it is known from an earlier cycle. */
  recordSeen(
    rows: { alert_key: string; alert_id: string; alike: string; text: string }[],
  ): Promise<Map<string, SeenId>>;
  /** What is known of these keys. A resolution counts as a repeat from then on, outside of groups. */
  recordResolved(alertKeys: readonly string[]): Promise<Map<string, ResolvedId>>;
  /**
   * Deletes the ended groups among those with these fingerprints or headlines, with the unrepeated ids of their time, so
   * that later ids are judged without them. A group ends with its alert. Returns the active ones, by fingerprint.
   */
  pruneGroups(fingerprints: readonly string[], headlines: readonly string[]): Promise<Map<string, ChurnGroup>>;
  /** For each fingerprint the last ids that were sent only once, oldest first. */
  unrepeatedIds(fingerprints: readonly string[]): Promise<{ fingerprint: string; ids: UnrepeatedId[] }[]>;
  /** Returns the stored group, which is another process's where that one came first. */
  saveGroup(group: ChurnGroup): Promise<ChurnGroup | undefined>;
  /**
   * Deletes the ids of the group that are older than ten cycles, but not the one that it is known by. Returns the other
   * ids whose alerts are active, including those that are deleted now.
   */
  pruneOtherIds(group: ChurnGroup): Promise<{ alert_key: string; alert_id: string }[]>;
}

export function createIdChurnStore(pool: Pool): IdChurnStore {
  return {
    async recordSeen(seen) {
      if (seen.length === 0) return new Map();
      const { rows } = await queryPreparedForFew<SeenId>(pool, RECORD_SEEN, {
        values: [storableJson(seen), CYCLE_MIN_MS],
        rows: seen.length,
      });
      return new Map(rows.map((row) => [row.alert_key, row]));
    },

    async recordResolved(alertKeys) {
      if (alertKeys.length === 0) return new Map();
      const { rows } = await pool.query<ResolvedId & { alert_key: string }>(RECORD_RESOLVED, [alertKeys]);
      return new Map(rows.map(({ alert_key, ...id }) => [alert_key, id]));
    },

    async pruneGroups(fingerprints, headlines) {
      if (fingerprints.length + headlines.length === 0) return new Map();
      const { rows } = await pool.query<ChurnGroup & { active: boolean }>(GROUPS, [fingerprints, headlines]);
      const ended = rows.filter(({ active }) => !active).map(({ fingerprint }) => fingerprint);
      if (ended.length > 0) await pool.query(DELETE_GROUPS, [ended, CYCLE_MIN_MS]);
      return new Map(rows.filter(({ active }) => active).map((group) => [group.fingerprint, group]));
    },

    async unrepeatedIds(fingerprints) {
      if (fingerprints.length === 0) return [];
      const { rows } = await pool.query<{ fingerprint: string; ids: UnrepeatedId[] }>(UNREPEATED, [fingerprints]);
      return rows;
    },

    async saveGroup({ fingerprint, alert_key, alert_id, cycle_seconds, alert_ids }) {
      const values = [fingerprint, alert_key, alert_id, cycle_seconds, JSON.stringify(alert_ids)];
      return (await pool.query<ChurnGroup>(SAVE_GROUP, values)).rows[0];
    },

    async pruneOtherIds({ fingerprint, alert_key, cycle_seconds }) {
      const { rows } = await pool.query<{ alert_key: string; alert_id: string }>(OTHER_IDS, [fingerprint, alert_key]);
      await pool.query(DELETE_OLD_IDS, [fingerprint, alert_key, 10 * cycle_seconds]);
      return rows;
    },
  };
}

/**
 * The delivery of the alerts follows. Its sub-selects see what was stored before this statement. A repeated id with the
 * same fingerprint is not written again: a process that has just started asks about each active alert.
 */
const RECORD_SEEN = prepared(`
  with sent as materialized (
    select alert_key, alert_id, alike, text
    from ${rowsFromJson('alert_key text, alert_id text, alike text, text text')}
  ), kept as materialized (
    select i.alert_key, i.alike, i.repeated, i.first_seen_at
    from sent join alert_identities i on i.alert_key = sent.alert_key
    where i.repeated and i.alike = sent.alike
  ), recorded as (
    insert into alert_identities as i (alert_key, alert_id, alike, text)
    select alert_key, alert_id, alike, text from sent
    where ${COMMITS_ASYNCHRONOUSLY} and not exists (select from kept where kept.alert_key = sent.alert_key)
    order by alert_key
    on conflict (alert_key) do update set alike = excluded.alike,
      repeated = i.repeated or i.first_seen_at < clock_timestamp() - $2 * interval '1 millisecond'
    returning alert_key, alike, repeated, first_seen_at
  )
  select i.alert_key, i.alike as fingerprint, i.repeated, ${ageSeconds('i.first_seen_at')} as age_seconds,
    exists (select from alert_identities o
      where o.alike = i.alike and not o.repeated and o.alert_key <> i.alert_key) as has_others,
    exists (select from unstable_alerts u where u.alike = i.alike) as is_grouped
  from (table kept union all table recorded) i`);

/** Returns what was known of the keys before this statement. */
const RECORD_RESOLVED = `
  with known as (select alert_key, alike as fingerprint, repeated from alert_identities where alert_key = any($1)),
  now_known as (
    update alert_identities set repeated = true
    where alert_key = any($1) and not repeated
      and not exists (select from unstable_alerts u where u.alike = alert_identities.alike))
  select alert_key, fingerprint, repeated from known`;

const GROUPS = `
  select u.alike as fingerprint, u.alert_key, u.alert_id, u.cycle_seconds, u.alert_ids,
    exists (select from actors a where a.id = ${alertActorSql('u.alert_key')} and ${IS_ACTIVE}) as active
  from unstable_alerts u where u.alike = any($1) or split_part(u.alike, '.', 1) = any($2)`;

/** Only ids of alerts that are active, or that have no actor yet. */
const UNREPEATED = `
  select wanted.alike as fingerprint, coalesce(jsonb_agg(jsonb_build_object('alertKey', alert_key, 'alertId', alert_id,
    'text', text, 'firstSeenAt', extract(epoch from first_seen_at) * 1000) order by first_seen_at), '[]') as ids
  from unnest($1::text[]) as wanted(alike), lateral (
    select i.* from alert_identities i left join actors a on a.id = ${alertActorSql('i.alert_key')}
    where i.alike = wanted.alike and not i.repeated and (a.id is null or ${IS_ACTIVE})
    order by i.first_seen_at desc limit 40
  ) last group by wanted.alike`;

const SAVE_GROUP = `
  insert into unstable_alerts as u (alike, alert_key, alert_id, cycle_seconds, alert_ids) values ($1, $2, $3, $4, $5)
  on conflict (alike) do update set alike = excluded.alike
  returning u.alike as fingerprint, u.alert_key, u.alert_id, u.cycle_seconds, u.alert_ids`;

const DELETE_GROUPS = `
  with ended as (delete from unstable_alerts where alike = any($1))
  delete from alert_identities where alike = any($1) and not repeated
    and first_seen_at < clock_timestamp() - $2 * interval '1 millisecond'`;

const OTHER_IDS = `
  select i.alert_key, i.alert_id from alert_identities i join actors a on a.id = ${alertActorSql('i.alert_key')}
  where i.alike = $1 and i.alert_key <> $2 and not i.repeated and ${IS_ACTIVE}`;

const DELETE_OLD_IDS = `
  delete from alert_identities where alike = $1 and alert_key <> $2 and not repeated
    and first_seen_at < clock_timestamp() - $3 * interval '1 second'`;
