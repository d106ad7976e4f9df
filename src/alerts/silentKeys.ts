import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { ownLimitSeconds } from './sources/ownInterval.ts';

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
