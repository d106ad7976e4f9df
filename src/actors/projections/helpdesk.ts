import type { Pool } from 'pg';

/** Whether the whole fleet holds the help desk to be down at this moment, so that only those sent to try ask it. */
export async function isHelpdeskFailing(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await pool.query("select 1 from actors where id = 'helpdesk' and state ? 'failing'");
  return (rowCount ?? 0) > 0;
}
