import type { Pool } from 'pg';

/**
 * Drops the monthly partitions of the audit log in which every row is older than so many days, and returns their names; 0
 * keeps all. Rows outside the monthly partitions stay.
 */
export async function dropOldAuditPartitions(pool: Pick<Pool, 'query'>, days: number): Promise<string[]> {
  if (days <= 0) return [];
  const { rows } = await pool.query<{ name: string }>(OLD, [days]);
  for (const { name } of rows) await pool.query(`drop table ${name}`);
  return rows.map(({ name }) => name);
}

/** The name of a partition is that of its month; the next month begins after its last row. */
const OLD = `
  select c.relname as name
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'audit_log'::regclass and c.relname ~ '^audit_log_\\d{4}_\\d{2}$'
    and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
      <= clock_timestamp() - make_interval(days => $1)
  order by 1`;
