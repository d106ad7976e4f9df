import type { Pool } from 'pg';

/**
 * Takes the lease `name` for this process; false if another process holds it. It expires after `seconds`,
 * so that a process that died does not block the others for longer. A lease that lasts longer than that was taken before
 * the clock was set back, and does not count.
 */
export async function takeLease(pool: Pool, name: string, seconds: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into leases (name, taken_until) values ($1, clock_timestamp() + $2 * interval '1 second')
     on conflict (name) do update set taken_until = excluded.taken_until where leases.taken_until <= clock_timestamp()
       or leases.taken_until > clock_timestamp() + $2 * interval '1 second'`,
    [name, seconds],
  );
  return (rowCount ?? 0) > 0;
}
