import type { Pool } from 'pg';
import type { Days } from '../model/surfaces.ts';

const DAYS_SHOWN = 90;

/** How many checks of one day (UTC) found the surface in each status. */
export interface DayCounts {
  day: string;
  operational: number;
  degraded: number;
  down: number;
  maintenance: number;
}

interface Row {
  id: string;
  down: string;
  degraded: string;
  operational: string;
  maintenance: string;
  ok: number;
  bad: number;
  known: number;
}

/** One bit per day, oldest first, today last. */
const bits = (condition: string): string =>
  `coalesce(bit_or(1::bit(${DAYS_SHOWN}) << today - day) filter (where ${condition}), 0::bit(${DAYS_SHOWN}))::text`;

/**
 * The last 90 days of each surface, or of `only` these. Read from the daily rollup and aggregated by the database, so that
 * a grid of thousands of surfaces stays cheap. Days are UTC, by the database's clock.
 */
export async function readDays(pool: Pick<Pool, 'query'>, only?: readonly string[]): Promise<Map<string, Days>> {
  const { rows } = await pool.query<Row>(
    `select surface_id as id, ${bits('down > 0')} as down, ${bits('degraded > 0')} as degraded,
       ${bits('operational > 0')} as operational, ${bits('maintenance > 0')} as maintenance,
       sum(operational + degraded)::int as ok, sum(down)::int as bad, count(*)::int as known
     from surface_days, (select (clock_timestamp() at time zone 'UTC')::date as today) now
     where day > today - ${DAYS_SHOWN} and day <= today ${only === undefined ? '' : 'and surface_id = any($1)'}
     group by surface_id`,
    only === undefined ? [] : [only],
  );
  return new Map(rows.map((row) => [row.id, { letters: lettersOf(row), uptime: uptimeOf(row), known: row.known }]));
}

/** The days of a surface that was never checked. */
export const NO_DAYS: Days = { letters: '-'.repeat(DAYS_SHOWN), uptime: null, known: 0 };

/** The letter of the worst status of each day. */
function lettersOf({ down, degraded, operational, maintenance }: Row): string {
  let letters = '';
  for (let n = 0; n < DAYS_SHOWN; n++) {
    if (down[n] === '1') letters += 'd';
    else if (degraded[n] === '1') letters += 's';
    else if (operational[n] === '1') letters += 'o';
    else letters += maintenance[n] === '1' ? 'm' : '-';
  }
  return letters;
}

/** Rounded down to two decimals, so that less than 100 % is never shown as 100. */
function uptimeOf({ ok, bad }: Pick<Row, 'ok' | 'bad'>): number | null {
  return ok + bad === 0 ? null : Math.floor((ok / (ok + bad)) * 10_000) / 100;
}

/** The check counts of one surface per day, newest first. */
export async function dayCounts(pool: Pick<Pool, 'query'>, surfaceId: string): Promise<DayCounts[]> {
  const { rows } = await pool.query<DayCounts>(
    `select to_char(day, 'YYYY-MM-DD') as day, operational, degraded, down, maintenance from surface_days
     where surface_id = $1 and day > (clock_timestamp() at time zone 'UTC')::date - ${DAYS_SHOWN}
     order by day desc`,
    [surfaceId],
  );
  return rows;
}
