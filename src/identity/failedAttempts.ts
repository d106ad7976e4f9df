import type { Pool } from 'pg';
import type { FailureCount } from '../model/people.ts';

/**
 * Counts failed authentications for all processes on this database, many networks in one statement; a negative number
 * takes failures back. The window of a network starts with its first failure and ends one minute later, by the database's
 * clock. A window that starts in the future ended when that clock was set back.
 */
export function createFailureCount(
  pool: Pick<Pool, 'query'>,
): (added: { network: string; failures: number }[]) => Promise<FailureCount[]> {
  return async (added) => {
    const { rows } = await pool.query<FailureCount>(COUNT, [
      added.map(({ network }) => network),
      added.map(({ failures }) => failures),
    ]);
    return rows;
  };
}

const IS_OPEN = `existing.began_at
  between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '10 seconds'`;

// Rows are locked in key order, so that two processes cannot deadlock.
const COUNT = `
  with updated as (
    insert into failed_attempts as existing (network, failures)
    select network, failures from unnest($1::text[], $2::int[]) as added (network, failures) order by network
    on conflict (network) do update set
      failures = greatest(0, excluded.failures
        + case when ${IS_OPEN} then existing.failures else 0 end),
      began_at = case when ${IS_OPEN} then existing.began_at
        else clock_timestamp() end
    returning network, failures, began_at
  )
  select network, failures,
    greatest(0, ceil(extract(epoch from began_at + interval '1 minute' - clock_timestamp()) * 1000))::int as left_ms
  from updated`;
