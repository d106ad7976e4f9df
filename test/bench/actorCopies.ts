import type { Pool } from 'pg';

/** Fills a database with copies of one alert, which is much faster than delivering as many. */
export async function copyAlert(
  pool: Pool,
  alertKey: string,
  { actors, history }: { actors: number; history: number },
): Promise<void> {
  const id = `alert:${alertKey}`;
  await pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot)
     select 'alert:copy:' || lpad(n::text, 16, '0'), kind, version, rev, state, snapshot
     from actors, generate_series(1, $2::int) n where id = $1`,
    [id, actors],
  );
  await pool.query(
    `insert into actor_history (actor_id, rev, event, from_state, to_state, at)
     select 'alert:copy:' || lpad((n % $2::int + 1)::text, 16, '0'), n, event, from_state, to_state, at
     from (select * from actor_history where actor_id = $1 limit 1) one, generate_series(1, $3::int) n`,
    [id, actors, history],
  );
  await pool.query('vacuum analyze actors, actor_history');
}
