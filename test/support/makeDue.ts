import type { Pool } from 'pg';

/** Makes all jobs due whose key matches the SQL pattern, and tells the workers, which otherwise look every half second. */
export async function makeDue(pool: Pick<Pool, 'query'>, key: string): Promise<void> {
  await pool.query(
    `with due as (update graphile_worker._private_jobs set run_at = now() where key like $1 returning id)
     select pg_notify('jobs:insert', json_build_object('r', random(), 'count', count(*))::text) from due having count(*) > 0`,
    [key],
  );
}
