import type { Pool } from 'pg';
import { isSurfaceActorSql, surfaceIdSql } from '../../actors/projections/actorId.ts';
import { alertSql } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';
import { outageStep } from '../../actors/projections/surface.ts';

/** What the program recorded about one surface that went down once and recovered. */
export interface OutageRecord {
  surfaceId: string;
  /** Number of confirmed outages and of confirmed recoveries. */
  opened: number;
  recovered: number;
  alerts: number;
  /** Null when there is no alert. */
  alertKey: string | null;
  isActive: boolean;
  /** Audit rows: tickets filed for the alert, and tickets skipped because of a storm. */
  filed: number;
  stormed: number;
  /** The alert's own ticket and its umbrella ticket, as far as the audit log contains them. */
  ticketId: number | null;
  umbrellaId: number | null;
}

/** What FreeScout and Slack contain. */
export interface Observed {
  tickets: ReadonlySet<number>;
  /** Alert keys listed on umbrella tickets, notes included, and those listed in direct messages. */
  listed: ReadonlySet<string>;
  notified: ReadonlySet<string>;
}

/** Reads the records of all surfaces in the order of the surfaces file, with one statement. */
export async function readOutageRecords(pool: Pick<Pool, 'query'>): Promise<OutageRecord[]> {
  return (await pool.query<OutageRecord>(OUTAGE_RECORDS)).rows;
}

/** Describes the records of a surface, from its outage to its recovery, that are missing or repeated. */
export function problemsOf(record: OutageRecord, { tickets, listed, notified }: Observed): string[] {
  const { opened, recovered, alerts, alertKey, isActive, filed, stormed, ticketId, umbrellaId } = record;
  const isNamed = (names: ReadonlySet<string>) => alertKey !== null && names.has(alertKey);
  const problems: [boolean, string][] = [
    [opened !== 1, `outage confirmed ${opened} times`],
    [alerts !== 1, `${alerts} alerts`],
    [filed + stormed !== 1, `${filed + stormed} decisions in the audit log`],
    [filed > 0 && !(ticketId !== null && tickets.has(ticketId)), 'ticket missing'],
    [stormed > 0 && !(umbrellaId !== null && tickets.has(umbrellaId)), 'umbrella ticket missing'],
    [stormed > 0 && !isNamed(listed), 'not listed on the umbrella ticket'],
    [!isNamed(notified), 'not listed in a direct message'],
    [recovered !== 1, `recovery confirmed ${recovered} times`],
    [isActive, 'alert still active'],
  ];
  return problems.flatMap(([applies, problem]) => (applies ? [problem] : []));
}

const WAS_OUT = `${outageStep('from_state')} is not null`;
const IS_OUT = `${outageStep('to_state')} is not null`;
const OUTAGE_RECORDS = `
  select s.id as "surfaceId", coalesce(opened, 0) as opened, coalesce(recovered, 0) as recovered,
    coalesce(alerts, 0) as alerts, alert_key as "alertKey", coalesce(is_active, false) as "isActive",
    coalesce(filed, 0) as filed, coalesce(stormed, 0) as stormed, ticket_id as "ticketId", umbrella_id as "umbrellaId"
  from surfaces s
  left join (
    select ${surfaceIdSql('actor_id')} as id,
      count(*) filter (where ${IS_OUT} and not coalesce(${WAS_OUT}, false))::int as opened,
      count(*) filter (where ${WAS_OUT} and not ${IS_OUT})::int as recovered
    from actor_history where ${isSurfaceActorSql('actor_id')} group by 1
  ) outages on outages.id = s.id
  left join (
    select ${alertSql.text('surfaceId', 'context')} as id, count(*)::int as alerts, max(${alertSql.text('alertKey', 'context')}) as alert_key,
      bool_or(${alertSql.text('active', 'context')} = 'true') as is_active
    from (select ${contextOf()} as context from actors where kind = 'alert' offset 0) contexts group by 1
  ) alerts on alerts.id = s.id
  left join (
    select payload->>'alert_key' as alert_key,
      count(*) filter (where action = 'console.alerts.ticket_filed')::int as filed,
      count(*) filter (where payload->>'reason' = 'storm')::int as stormed, max((payload->>'ticket_id')::int) as ticket_id
    from audit_log where action in ('console.alerts.ticket_filed', 'console.alerts.ticket_skipped') group by 1
  ) decisions using (alert_key)
  left join (
    select m.alert_key, max(f.ticket_id)::int as umbrella_id from umbrella_members m
    join filings f on f.id = m.filing_id
    join audit_log a on a.action = 'console.alerts.umbrella_filed' and (a.payload->>'ticket_id')::bigint = f.ticket_id
    group by 1
  ) umbrellas using (alert_key)
  where s.removed_at is null order by s.position, s.id`;
