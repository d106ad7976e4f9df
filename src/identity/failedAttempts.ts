import type { Pool } from 'pg';
import type { FailureCount } from '../model/people.ts';

/**
 * Counts failures to get in for all processes on this database, many networks in one statement. A network's window
 * begins with its first failure and ends a minute later, by the database's clock.
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

// In the order of the key, so that two processes never wait for each other.
const COUNT = `
  with given as (
    select network, failures from unnest($1::text[], $2::int[]) as given (network, failures)
  ), written as (
    insert into failed_attempts as held (network, failures)
    select network, failures from given where failures > 0 order by network
    on conflict (network) do update set
      failures = excluded.failures
        + case when held.began_at > clock_timestamp() - interval '1 minute' then held.failures else 0 end,
      began_at = case when held.began_at > clock_timestamp() - interval '1 minute' then held.began_at
        else clock_timestamp() end
    returning network, failures, began_at
  ), found as (
    select * from written
    union all
    select held.network, held.failures, held.began_at from failed_attempts held join given using (network)
    where given.failures = 0 and held.began_at > clock_timestamp() - interval '1 minute'
  )
  select network, failures,
    greatest(0, ceil(extract(epoch from began_at + interval '1 minute' - clock_timestamp()) * 1000))::int as left_ms
  from found`;
