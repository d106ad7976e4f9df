import type { Pool } from 'pg';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { hasStatus, surfaceSql } from '../actors/projections/surface.ts';

/**
 * A surface that failed together with one that it depends on usually recovers a check later. After the upstream recovery
 * its ticket waits for this many of its own checks. A good one among them postpones it further, because the surface does
 * not emit then.
 */
const CHECKS_TO_WAIT = 2;

/** A surface in an outage, and one that it depends on directly or through others. */
export interface Upstream {
  id: string;
  confirmedAt: string;
  upstream: string;
}

/**
 * The ids of the surfaces that may be about to recover after a surface upstream of them did. A recovery that lies ahead was
 * before the clock was set back: no check would come after it for as long as the step.
 */
export async function readSettling(pool: Pick<Pool, 'query'>, pairs: readonly Upstream[]): Promise<Set<string>> {
  if (pairs.length === 0) return new Set();
  const { rows } = await pool.query<{ id: string }>(SETTLING, [
    pairs.map(({ id }) => id),
    pairs.map(({ confirmedAt }) => confirmedAt),
    pairs.map(({ upstream }) => upstream),
    CHECKS_TO_WAIT,
  ]);
  return new Set(rows.map(({ id }) => id));
}

const SETTLING = `
  select distinct pair.id
  from unnest($1::text[], $2::timestamptz[], $3::text[]) as pair (id, confirmed_at, upstream)
  join actors a on a.id = ${surfaceActorSql('pair.upstream')} and a.parked is null
  cross join lateral (select (${surfaceSql.text('since', contextOf('a'))})::timestamptz as recovered_at) surface
  where ${hasStatus('OPERATIONAL', contextOf('a'))} and recovered_at > pair.confirmed_at
    and recovered_at < clock_timestamp() + interval '10 seconds'
    and (select count(*) from (select from checks where surface_id = pair.id and at > recovered_at limit $4) later) < $4`;
