import type { Pool } from 'pg';
import type { LatencyHistory } from '../model/surfaces.ts';

const HOUR_S = 3_600;
/** Spans of the chart, in seconds. */
const SPANS = [HOUR_S, 6 * HOUR_S, 24 * HOUR_S];
const BUCKETS = 60;

/** The latencies of a surface over the shortest span that holds all its checks of the last day; null without any. */
export async function latencyHistory(pool: Pick<Pool, 'query'>, surfaceId: string): Promise<LatencyHistory | null> {
  const { rows: known } = await pool.query<{ age: number | null; now: number }>(
    `select extract(epoch from clock_timestamp())::float8 as now,
       extract(epoch from clock_timestamp() - min(at))::float8 as age
     from checks where surface_id = $1 and at > clock_timestamp() - interval '24 hours'`,
    [surfaceId],
  );
  const [{ age, now } = { age: null, now: 0 }] = known;
  if (age === null) return null;
  const span = SPANS.find((each) => age <= each) ?? (SPANS.at(-1) as number);
  const bucket = span / BUCKETS;
  // Buckets begin at full minutes, so that a refreshed chart has the same ones.
  const to = (Math.floor(now / bucket) + 1) * bucket;
  const from = to - span;
  const { rows } = await pool.query<Omit<LatencyHistory['points'][number], 'at'> & { n: number }>(
    `select floor((extract(epoch from at) - $2::float8) / $3::float8)::int as n,
       percentile_cont(0.5) within group (order by latency_ms) as median_ms, max(latency_ms) as max_ms,
       count(*)::int as checks, count(*) filter (where latency_ms is null)::int as unanswered
     from checks where surface_id = $1 and at >= to_timestamp($2::float8) and at < to_timestamp($2::float8 + $4::float8)
     group by 1 order by 1`,
    [surfaceId, from, bucket, span],
  );
  const instant = (seconds: number) => new Date(seconds * 1_000).toISOString();
  return {
    from: instant(from),
    to: instant(to),
    bucket_seconds: bucket,
    points: rows.map(({ n, ...point }) => ({ at: instant(from + n * bucket), ...point })),
  };
}
