import type { Pool } from 'pg';

/**
 * Prepares a database whose clock a test can stop, for decisions by `clock_timestamp()`. Connections opened after this call
 * use the function below instead of the built-in one; it returns the real time while no instant is set.
 */
export async function prepareFrozenClock(pool: Pick<Pool, 'query'>) {
  await pool.query(`
    create table frozen_clock (at timestamptz not null);
    create function public.clock_timestamp() returns timestamptz language sql volatile
      as 'select coalesce((select at from public.frozen_clock), pg_catalog.clock_timestamp())';
    do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$`);
  return {
    /** Stops the clock at this instant, by default at the last full second, and returns the instant. */
    async freeze(at?: string): Promise<Date> {
      const { rows } = await pool.query<{ at: Date }>(
        "insert into frozen_clock values (coalesce($1, date_trunc('second', now()))) returning at",
        [at ?? null],
      );
      return rows[0]?.at as Date;
    },
    async resume(): Promise<void> {
      await pool.query('delete from frozen_clock');
    },
  };
}
