import type { Pool } from 'pg';
import type { RefusalPeriod, RefusalSummary } from '../model/people.ts';
import type { Counted, CountedOfSource } from './refusalCounts.ts';

/** Of each kind those with the most refusals stay, and of these the newest. */
const MAX_NETWORKS = 500;
const SHOWN_NETWORKS = 100;

/** Adds counts of any process, by the database's clock. */
export async function storeRefusals(
  pool: Pick<Pool, 'query'>,
  counted: readonly Counted[],
  ofSources: readonly CountedOfSource[] = [],
): Promise<void> {
  const totals = counted.filter(({ network }) => network === null);
  const networks = counted.filter(({ network }) => network !== null);
  const columnsOf = (rows: readonly Omit<Counted, 'network'>[]) => [
    rows.map(({ kind }) => kind),
    rows.map(({ times }) => times),
    rows.map(({ ageMs }) => ageMs),
  ];
  await pool.query(STORE, [
    ...columnsOf(totals),
    ...[...columnsOf(networks), networks.map(({ network }) => network)],
    ...[...columnsOf(ofSources), ofSources.map(({ source }) => source)],
  ]);
  if (networks.length > 0) await pool.query(FORGET, [MAX_NETWORKS]);
}

const AT = `clock_timestamp() - age_ms * interval '1 millisecond'`;

// Rows are locked in key order, so that two processes cannot deadlock.
const STORE = `
  with by_hour as (
    insert into refusals as stored (kind, hour, times, last_at)
    select kind, date_trunc('hour', ${AT}, 'UTC'), times, ${AT}
    from unnest($1::text[], $2::bigint[], $3::float8[]) as added (kind, times, age_ms) order by kind
    on conflict (kind, hour) do update set
      times = stored.times + excluded.times, last_at = greatest(stored.last_at, excluded.last_at)
  ), by_source as (
    insert into refusal_sources as stored (kind, source, hour, times, last_at)
    select kind, source, date_trunc('hour', ${AT}, 'UTC'), times, ${AT}
    from unnest($8::text[], $9::bigint[], $10::float8[], $11::text[]) as added (kind, times, age_ms, source)
    order by source, kind
    on conflict (source, kind, hour) do update set
      times = stored.times + excluded.times, last_at = greatest(stored.last_at, excluded.last_at)
  )
  insert into refusal_networks as stored (kind, network, times, first_at, last_at)
  select kind, network, times, ${AT}, ${AT}
  from unnest($4::text[], $5::bigint[], $6::float8[], $7::text[]) as added (kind, times, age_ms, network)
  order by kind, network
  on conflict (kind, network) do update set
    times = stored.times + excluded.times, last_at = greatest(stored.last_at, excluded.last_at)`;

const FORGET = `
  delete from refusal_networks where ctid = any (array(
    select stored.ctid from refusal_networks stored join (
      select kind, network, row_number() over (partition by kind order by times desc, last_at desc) as place
      from refusal_networks
    ) as ranked using (kind, network)
    where place > $1 for update of stored skip locked))`;

/** What was refused in the last 30 days. */
export async function readRefusals(pool: Pick<Pool, 'query'>): Promise<RefusalSummary> {
  const [kinds, hours, days, networks] = await Promise.all([
    pool.query<Stored<RefusalSummary['kinds'][number], 'last_seen_at'>>(KINDS),
    pool.query<Stored<RefusalPeriod, 'at'>>(HOURS),
    pool.query<Stored<RefusalPeriod, 'at'>>(DAYS),
    pool.query<Stored<RefusalSummary['networks'][number], 'first_seen_at' | 'last_seen_at'>>(NETWORKS, [
      SHOWN_NETWORKS,
    ]),
  ]);
  const period = ({ at, ...row }: Stored<RefusalPeriod, 'at'>) => ({ at: at.toISOString(), ...row });
  return {
    kinds: kinds.rows.map(({ last_seen_at, ...row }) => ({ ...row, last_seen_at: last_seen_at.toISOString() })),
    hours: hours.rows.map(period),
    days: days.rows.map(period),
    networks: networks.rows.map(({ first_seen_at, last_seen_at, ...row }) => ({
      ...row,
      first_seen_at: first_seen_at.toISOString(),
      last_seen_at: last_seen_at.toISOString(),
    })),
  };
}

type Stored<Row, Times extends keyof Row> = Omit<Row, Times> & Record<Times, Date>;

const SINCE = (age: string): string => `hour > clock_timestamp() - interval '${age}'`;

const KINDS = `
  select kind,
    coalesce(sum(times) filter (where hour = date_trunc('hour', clock_timestamp(), 'UTC')), 0)::bigint as this_hour,
    coalesce(sum(times) filter (where ${SINCE('24 hours')}), 0)::bigint as last_24_hours,
    sum(times)::bigint as last_30_days, max(last_at) as last_seen_at
  from refusals where ${SINCE('30 days')}
  group by kind order by last_24_hours desc, last_30_days desc, kind`;

const HOURS = `
  select hour as at, sum(times)::bigint as times, jsonb_object_agg(kind, times) as kinds
  from refusals where ${SINCE('24 hours')} group by hour order by hour desc`;

const DAYS = `
  select at, sum(times)::bigint as times, jsonb_object_agg(kind, times) as kinds
  from (
    select date_trunc('day', hour, 'UTC') as at, kind, sum(times)::bigint as times
    from refusals where ${SINCE('30 days')} group by 1, 2
  ) as by_day group by at order by at desc`;

const NETWORKS = `
  select kind, network, times, first_at as first_seen_at, last_at as last_seen_at
  from refusal_networks order by last_at desc, kind, network limit $1`;
