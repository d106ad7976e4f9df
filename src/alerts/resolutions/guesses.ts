import type { Pool } from 'pg';
import { alertSql, IS_ACTIVE } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';
import { rowsFromJson } from '../../db/jsonRows.ts';
import { storableJson } from '../../db/storable.ts';

/** An active alert that the resolution of an unknown id may have meant. */
export interface Guess {
  alert_key: string;
  alert_id: string;
}

export interface UnknownResolution {
  alert_key: string;
  alert_id: string;
  title: string;
}

/** Reading the active alerts of a source takes time, so only for so many resolutions of a request. */
const MAX_GUESSED = 5;

/**
 * Active alerts of the source that have the same alert key, the same title, or an id that begins alike; by the alert key
 * of the resolution.
 */
export async function findGuesses(
  pool: Pick<Pool, 'query'>,
  source: string,
  unknown: readonly UnknownResolution[],
): Promise<Map<string, Guess[]>> {
  const wanted = unknown.slice(0, MAX_GUESSED);
  const { rows } = await pool.query<{ of: string; guesses: Guess[] }>(GUESSES, [storableJson(wanted), source]);
  return new Map(rows.map(({ of, guesses }) => [of, guesses]));
}

const GUESSES = `
  select x.alert_key as of, coalesce(jsonb_agg(jsonb_build_object('alert_key', alike.alert_key, 'alert_id', alike.alert_id)
    order by alike.updated_at desc) filter (where alike.alert_key is not null), '[]') as guesses
  from ${rowsFromJson('alert_key text, alert_id text, title text')}
  left join lateral (
    select ${alertSql.text('alertKey', 'a.context')} as alert_key, id as alert_id, a.updated_at
    from (
      select ${contextOf('a')} as context, a.updated_at from actors a where a.kind = 'alert' and ${IS_ACTIVE} offset 0
    ) a, jsonb_array_elements_text(${alertSql.json('ids', 'a.context')}) as id
    where ${alertSql.text('source', 'a.context')} = $2 and id <> x.alert_id
      and (${alertSql.text('alertKey', 'a.context')} = x.alert_key or ${alertSql.text('title', 'a.context')} = x.title
        or left(id, 8) = left(x.alert_id, 8))
    order by a.updated_at desc limit 5
  ) alike on true
  group by x.alert_key`;
