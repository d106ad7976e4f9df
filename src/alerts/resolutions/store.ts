import type { Pool } from 'pg';
import { alertActorSql } from '../../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';
import { ageSeconds } from '../../db/age.ts';
import { rowsFromJson } from '../../db/jsonRows.ts';
import { prepared, queryPrepared } from '../../db/prepared.ts';
import { storableJson } from '../../db/storable.ts';
import { plausibleInstant } from '../plausibleInstant.ts';
import { arrivalInstant, ownInstant } from './instants.ts';
import type { LastEmission, PastResolution } from './order.ts';

/** The table `alert_resolutions`, and what is known of the alerts that resolutions are about. */

export interface ResolutionRow {
  alert_key: string;
  alert_id: string;
  /** By the sender's clock. */
  own_at: string | null;
  /** When its request was stored. */
  arrived_at: string | null;
}

/** One key of resolved alerts as it is now. */
export interface KeyState {
  alertKey: string;
  /** Also where events wait for it: then nobody knows yet. */
  isActive: boolean;
  /** Full ids that are firing. Empty while a flapping alert is between two emissions, and where events wait for it. */
  ids: string[];
  last: LastEmission | undefined;
}

export interface ResolutionStore {
  /** By alert key; one that was never seen is left out. */
  keyStates(alertKeys: readonly string[]): Promise<Map<string, KeyState>>;
  /** Records resolutions, and returns by full key whether each id is or was active. */
  record(rows: readonly (ResolutionRow & { was_active: boolean })[]): Promise<Map<string, boolean>>;
  /** The last resolutions of these ids, by full key. */
  past(ids: readonly { alert_key: string; alert_id: string }[]): Promise<Map<string, PastResolution>>;
}

/** Neither part contains control characters. */
export const fullKey = (alertKey: string, alertId: string): string => `${alertKey}\n${alertId}`;
export function splitFullKey(key: string): { alert_key: string; alert_id: string } {
  const [alert_key = '', alert_id = ''] = key.split('\n');
  return { alert_key, alert_id };
}

export function createResolutionStore(pool: Pick<Pool, 'query'>): ResolutionStore {
  return {
    async keyStates(alertKeys) {
      const { rows } = await queryPrepared<KeyStateRow>(pool, KEY_STATES, [[...new Set(alertKeys)]]);
      return new Map(rows.map((row) => [row.alert_key, keyState(row)]));
    },
    async record(rows) {
      const unique = [...new Map(rows.map((row) => [fullKey(row.alert_key, row.alert_id), row])).values()];
      const { rows: stored } = await pool.query<RecordedRow>(RECORD, [storableJson(unique)]);
      return new Map(stored.map((row) => [fullKey(row.alert_key, row.alert_id), row.was_active]));
    },
    async past(ids) {
      const { rows } = await queryPrepared<PastRow>(pool, PAST, [storableJson(ids)]);
      return new Map(
        rows.map(({ alert_key, alert_id, own_at, arrived_at, age_ms, was_active }) => [
          fullKey(alert_key, alert_id),
          { sentAt: own_at, arrivedAt: arrived_at, ageMs: age_ms, wasActive: was_active },
        ]),
      );
    },
  };
}

interface KeyStateRow {
  alert_key: string;
  is_active: boolean;
  ids: string[] | null;
  sent_id: string | null;
  own_at: Date | null;
  started_at: Date | null;
  arrived_at: Date | null;
}

interface RecordedRow {
  alert_key: string;
  alert_id: string;
  was_active: boolean;
}

interface PastRow {
  alert_key: string;
  alert_id: string;
  own_at: Date | null;
  arrived_at: Date | null;
  age_ms: number;
  was_active: boolean;
}

const keyState = ({ alert_key, is_active, ids, sent_id, own_at, started_at, arrived_at }: KeyStateRow): KeyState => ({
  alertKey: alert_key,
  isActive: is_active,
  ids: ids ?? [],
  last:
    sent_id === null ? undefined : { alertId: sent_id, sentAt: own_at, startedAt: started_at, arrivedAt: arrived_at },
});

const KEY_STATES = prepared(`
  select key as alert_key, coalesce(${IS_ACTIVE}, false) or held.waits as is_active,
    case when not held.waits then ${alertSql.json('ids', contextOf('a'))} end as ids, s.sent_id, s.started_at,
    ${ownInstant('s')} as own_at, ${arrivalInstant('s')} as arrived_at
  from unnest($1::text[]) as key
  left join actors a on a.id = ${alertActorSql('key')}
  left join alert_sightings s on s.alert_key = key
  cross join lateral (select exists (select from held_events where actor_id = ${alertActorSql('key')})) as held(waits)
  where a.id is not null or s.alert_key is not null`);

/**
 * A resolution that is repeated within the hour still counts as the end of what the first one ended. If the last one has
 * no time of its sender, that of an earlier one says nothing about it.
 */
const RECORD = `
  insert into alert_resolutions as r (alert_key, alert_id, sent_at, own_at, arrived_at, was_active)
  select alert_key, alert_id, coalesce(own_at, arrived_at), own_at, arrived_at, was_active
  from (
    select alert_key, alert_id, ${plausibleInstant('own_at')} as own_at, arrived_at, was_active
    from ${rowsFromJson('alert_key text, alert_id text, own_at timestamptz, arrived_at timestamptz, was_active boolean')}
  ) resolved
  order by alert_key, alert_id
  on conflict (alert_key, alert_id) do update set received_at = excluded.received_at,
    sent_at = case when excluded.own_at is null then greatest(r.arrived_at, excluded.sent_at) else greatest(r.sent_at, excluded.sent_at) end,
    own_at = case when excluded.own_at is not null then greatest(r.own_at, excluded.own_at) end,
    arrived_at = greatest(r.arrived_at, excluded.arrived_at), was_active = excluded.was_active
      or (r.was_active and r.received_at > clock_timestamp() - interval '1 hour')
  returning alert_key, alert_id, was_active`;

/** A resolution that was received in the future was so before the clock was set back: how long ago is not known. */
const PAST = prepared(`
  select r.alert_key, r.alert_id, ${ownInstant('r')} as own_at, ${arrivalInstant('r')} as arrived_at, r.was_active,
    case when r.received_at > clock_timestamp() + interval '10 seconds' then 'infinity'::float8
      else ${ageSeconds('r.received_at')} * 1000 end as age_ms
  from ${rowsFromJson('alert_key text, alert_id text')} join alert_resolutions r using (alert_key, alert_id)`);
