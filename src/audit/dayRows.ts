import type { Pool, QueryConfig } from 'pg';
import { transaction } from '../db/pool.ts';
import { type DayRange, inBatches } from './dayBatches.ts';

/** The rows of one day (UTC) in a form that can be compared. */
export interface DayRows {
  /** `2026-05-05`. */
  day: string;
  rowCount: number;
  /** SHA-256 of the SHA-256 of each row, in the order of their ids; hexadecimal, as all hashes here. */
  rowsHash: string;
}

/** The server's own limit is to come first. */
const ANSWER_MARGIN_MS = 5_000;

/** Reads the days of the range, some at a time. A day without rows is one of them. */
export const readDays = (pool: Pool, range: DayRange): AsyncGenerator<DayRows[]> =>
  inBatches(range, ({ from, to }, limitMs) =>
    transaction(pool, async (client) => {
      await client.query(`set local statement_timeout = ${limitMs}`);
      const query = { text: DAYS, values: [from, to], query_timeout: limitMs + ANSWER_MARGIN_MS };
      return (await client.query<DayRows>(query as QueryConfig)).rows;
    }),
  );

/** The JSON of a row holds the columns of the first digests, in this order. Its text is the same in every release of Postgres. */
const DAYS = `
  select to_char(day, 'YYYY-MM-DD') as day, read.row_count as "rowCount", encode(read.rows_hash, 'hex') as "rowsHash"
  from generate_series($1::timestamp, $2::timestamp, interval '1 day') as days(day)
  cross join lateral (
    select count(*)::int as row_count, sha256(coalesce(string_agg(sha256(convert_to(
      jsonb_build_array(id, (extract(epoch from created_at) * 1000000)::bigint, action, payload, actor, issuer, subject)::text,
      'UTF8')), ''::bytea order by id), ''::bytea)) as rows_hash
    from audit_log
    where created_at >= day at time zone 'UTC' and created_at < (day + interval '1 day') at time zone 'UTC'
  ) as read
  order by day`;
