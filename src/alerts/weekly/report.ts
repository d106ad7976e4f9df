import type { Pool } from 'pg';
import { alertActorSql } from '../../actors/projections/actorId.ts';
import { alertSql } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';
import type { HeldBack, NoisySource, NoisySurface, SeverityCounts, WeekReport } from '../../model/weekly.ts';
import { adviceOn } from './advice.ts';
import { countTickets, type FiledTicket, spreadOf, ticketsBy } from './figures.ts';
import { type Week, weekAfter, weekBefore, weekNamed, weekOf } from './weeks.ts';

/** So many tickets and suppressions of a week are read at most, the latest. */
const MAX_READ = 1_500;
const NOISIEST = 10;

/** The report of a week, of the present one if none is named; null if there is no such week. */
export async function weeklyReport(pool: Pick<Pool, 'query'>, name?: string): Promise<WeekReport | null> {
  const present = weekOf(await databaseNow(pool));
  const week = name === undefined ? present : weekNamed(name);
  if (week === null) return null;
  const [totals, bySource, bySurface, filed, closed, held] = await readWeek(pool, week);
  const tickets = countTickets(filed.rows, MAX_READ);
  const facts = {
    week: week.name,
    from: week.from.toISOString(),
    to: week.to.toISOString(),
    previous: weekBefore(week).name,
    next: week.from < present.from ? weekAfter(week).name : null,
    alerts: totals.rows[0] ?? { alerts: 0, P1: 0, P2: 0, P3: 0, week_before: 0 },
    tickets,
    time_to_ticket: spreadOf(filed.rows.map(({ seconds }) => seconds)),
    time_to_close: spreadOf(closed.rows.map(({ seconds }) => seconds)),
    held_back: held.rows,
    sources: bySource.rows.map((row) => ({ ...row, tickets: ticketsBy(filed.rows, 'source', row.source) })),
    surfaces: bySurface.rows.map((row) => ({ ...row, tickets: ticketsBy(filed.rows, 'surface_id', row.surface_id) })),
  };
  return { ...facts, fix_first: adviceOn(facts) };
}

const readWeek = (pool: Pick<Pool, 'query'>, { from, to }: Week) =>
  Promise.all([
    pool.query<SeverityCounts & { week_before: number }>(TOTALS, [dayOf(from)]),
    pool.query<Omit<NoisySource, 'tickets'>>(SOURCES, [dayOf(from), NOISIEST]),
    pool.query<Omit<NoisySurface, 'tickets'>>(SURFACES, [dayOf(from), NOISIEST]),
    pool.query<FiledTicket>(FILED, [from, to, MAX_READ]),
    pool.query<{ seconds: number }>(CLOSED, [from, to, MAX_READ]),
    pool.query<HeldBack>(HELD, [from, to, MAX_READ]),
  ]);

async function databaseNow(pool: Pick<Pool, 'query'>): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const ofSeverity = (severity: string, and = ''): string =>
  `coalesce(sum(alerts) filter (where severity = '${severity}'${and}), 0)::int as "${severity}"`;
const SEVERITIES = ['P1', 'P2', 'P3'].map((severity) => ofSeverity(severity)).join(', ');

/** The surface of the alert that audit row `d` is about; '' for none. */
const SURFACE_OF_DROPPED = `coalesce((
  select ${alertSql.text('surfaceId', contextOf('a'))} from actors a
  where a.id = ${alertActorSql("(d.payload->>'alert_key')")}), '')`;

/**
 * Alerts by day, from this one to the end of the week: those that were announced, and those that ended while they were
 * silenced, which leave no message, on the day of their end.
 */
const alertsFrom = (first: string): string => `(
  select day, source, surface_id, severity, alerts from alert_days where day >= ${first} and day < $1::date + 7
  union all
  select (d.created_at at time zone 'UTC')::date, d.actor, ${SURFACE_OF_DROPPED}, d.payload->>'severity', 1
  from audit_log d
  where d.action = 'console.alerts.dm_dropped'
    and d.payload->>'kind' = 'opened' and d.payload->>'reason' = 'ended while silenced'
    and d.created_at >= (${first})::timestamp at time zone 'UTC'
    and d.created_at < ($1::date + 7)::timestamp at time zone 'UTC'
  ) alerts_by_day`;

const TOTALS = `
  select coalesce(sum(alerts) filter (where day >= $1::date), 0)::int as alerts,
    ${['P1', 'P2', 'P3'].map((severity) => ofSeverity(severity, ' and day >= $1::date')).join(', ')},
    coalesce(sum(alerts) filter (where day < $1::date), 0)::int as week_before
  from ${alertsFrom('$1::date - 7')}`;

const SOURCES = `
  select source, sum(alerts)::int as alerts, ${SEVERITIES} from ${alertsFrom('$1::date')}
  group by source order by 2 desc, source limit $2`;

const SURFACES = `
  select surface_id, s.config->>'name' as name, noisy.alerts, "P1", "P2", "P3"
  from (
    select surface_id, sum(alerts)::int as alerts, ${SEVERITIES} from ${alertsFrom('$1::date')} where surface_id <> ''
    group by surface_id order by 2 desc, surface_id limit $2
  ) noisy left join surfaces s on s.id = surface_id and s.removed_at is null
  order by noisy.alerts desc, surface_id`;

const FILED = `
  select ticket_id::float8 as id, path, source, request->>'surfaceId' as surface_id,
    coalesce(ticket_status in ('active', 'pending'), false) as open,
    case when path = 'alert' and not adopted
      then extract(epoch from filed_at - (request->>'since')::timestamptz)::float8 end as seconds
  from filings where ticket_id is not null and filed_at >= $1 and filed_at < $2
  order by filed_at desc limit $3`;

const CLOSED = `
  select extract(epoch from closed_at - filed_at)::float8 as seconds from filings
  where closed_at >= $1 and closed_at < $2 order by closed_at desc limit $3`;

const HELD = `
  select reason, count(*) filter (where over is null)::int as active, count(over)::int as ended
  from (
    select reason, over from held_alerts
    where over is distinct from 'released' and held_at >= $1 and held_at < $2 order by held_at desc limit $3
  ) held group by reason order by count(*) desc, reason`;
