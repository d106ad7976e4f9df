import type { Pool } from 'pg';

/** The tables in which alerts, their ids, tickets and messages are kept. */
const TABLES = [
  'actors',
  'actor_history',
  'effects',
  'timers',
  'inbox',
  'audit_log',
  'alert_sightings',
  'alert_identities',
  'filings',
  'direct_messages',
];

export interface Written<T> {
  result: T;
  /** Rows that were added or changed: those whose last transaction is a later one. */
  rows: number;
  /** Of the log that Postgres writes ahead, also for jobs and indexes. */
  kilobytes: number;
}

/** What is written to the database of this pool while `work` runs. */
export async function writtenDuring<T>(pool: Pool, work: () => Promise<T>): Promise<Written<T>> {
  const { rows: begun } = await pool.query<{ xid: string; bytes: number }>(
    `select pg_current_xact_id()::text as xid, ${WAL} as bytes`,
  );
  const result = await work();
  const { rows: ended } = await pool.query<{ bytes: number }>(`select ${WAL} as bytes`);
  const counts = TABLES.map((table) => `select count(*)::int as n from ${table} where xmin::text::bigint > $1::bigint`);
  const { rows } = await pool.query<{ n: number }>(counts.join(' union all '), [begun[0]?.xid]);
  return {
    result,
    rows: rows.reduce((sum, { n }) => sum + n, 0),
    kilobytes: ((ended[0]?.bytes ?? Number.NaN) - (begun[0]?.bytes ?? Number.NaN)) / 1_000,
  };
}

const WAL = "(pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8";

/** The same as figures for each of this many alerts. */
export const perAlert = ({ rows, kilobytes }: Written<unknown>, alerts: number): Record<string, number> => ({
  'rows written per alert': rows / alerts,
  'kB of WAL per alert': kilobytes / alerts,
});
