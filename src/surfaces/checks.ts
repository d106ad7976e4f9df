import type { ClientBase, Pool } from 'pg';
import type { CheckResult } from './probe.ts';

/** One check of one surface; `at` is when it ended, by the database's clock. */
export interface RecordedCheck extends CheckResult {
  surfaceId: string;
  at: Date;
}

/** A check as the console shows it; `at` in ISO 8601, latency in milliseconds. */
export interface CheckRow {
  at: string;
  outcome: string;
  latency_ms: number | null;
  http_status: number | null;
  error: string | null;
}

/**
 * Stores any number of checks and copies the latest of each surface to its row, in one statement. A late check never
 * replaces a newer one, unless the newer one has a time that is still to come: then the clock was set back. A check without
 * an answer leaves the expiry of the certificate that was met last. Rows are locked in the order of their ids, so that
 * processes do not deadlock.
 */
export async function recordChecks(
  client: Pick<ClientBase, 'query'>,
  results: readonly RecordedCheck[],
): Promise<void> {
  if (results.length === 0) return;
  await client.query(
    `with made as (
       select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::int[], $5::int[], $6::text[], $7::timestamptz[])
         as made (surface_id, at, outcome, latency_ms, http_status, error, certificate_expires_at)
     ), kept as (
       insert into checks (surface_id, at, outcome, latency_ms, http_status, error)
       select surface_id, at, outcome, latency_ms, http_status, error from made
     ), latest as (
       select distinct on (surface_id) * from made order by surface_id, at desc
     ), locked as materialized (
       select id from surfaces where id in (select surface_id from made) order by id for update
     )
     update surfaces set checked_at = latest.at, outcome = latest.outcome, latency_ms = latest.latency_ms,
                         http_status = latest.http_status, error = latest.error,
                         certificate_expires_at = case when latest.http_status is null
                           then coalesce(latest.certificate_expires_at, surfaces.certificate_expires_at)
                           else latest.certificate_expires_at end
     from locked join latest on latest.surface_id = locked.id
     where surfaces.id = locked.id and (surfaces.checked_at is null or surfaces.checked_at <= latest.at
       or surfaces.checked_at > clock_timestamp() + interval '10 seconds')`,
    [
      results.map(({ surfaceId }) => surfaceId),
      results.map(({ at }) => at),
      results.map(({ outcome }) => outcome),
      results.map(({ latencyMs }) => latencyMs),
      results.map(({ httpStatus }) => httpStatus),
      results.map(({ error }) => error),
      results.map(({ certificateExpiresAt }) => certificateExpiresAt ?? null),
    ],
  );
}

/** The latest checks of a surface, newest first. */
export async function recentChecks(pool: Pick<Pool, 'query'>, surfaceId: string, limit: number): Promise<CheckRow[]> {
  const { rows } = await pool.query<Omit<CheckRow, 'at'> & { at: Date }>(
    `select at, outcome, latency_ms, http_status, error from checks
     where surface_id = $1 order by at desc limit $2`,
    [surfaceId, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
