import type { Pool } from 'pg';
import { isSurfaceActorSql, surfaceIdSql } from '../../actors/projections/actorId.ts';
import { alertSql } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';
import { outageStep } from '../../actors/projections/surface.ts';

/** What the program wrote down about one surface that went down once and recovered. */
export interface Story {
  surfaceId: string;
  /** How often an outage of it was confirmed, and how often its end. */
  opened: number;
  recovered: number;
  alerts: number;
  /** Null where there is no alert. */
  alertKey: string | null;
  isActive: boolean;
  /** Rows of the audit log: tickets of its alert, and that it has none of its own because of a storm. */
  filed: number;
  stormed: number;
  /** The ticket that the audit log names, and the umbrella ticket that its alert is on, where they are in the audit log. */
  ticketId: number | null;
  umbrellaId: number | null;
}

/** What there is outside. */
export interface Outside {
  tickets: ReadonlySet<number>;
  /** Alert keys that umbrella tickets name, notes included, and that direct messages name. */
  listed: ReadonlySet<string>;
  told: ReadonlySet<string>;
}

/** Every surface of the file, in its order, in one statement however many there are. */
export async function readStories(pool: Pick<Pool, 'query'>): Promise<Story[]> {
  return (await pool.query<Story>(STORIES)).rows;
}

/** What is missing in the story of a surface, from its outage to its recovery, or is there too often; in words. */
export function lacking(story: Story, { tickets, listed, told }: Outside): string[] {
  const { opened, recovered, alerts, alertKey, isActive, filed, stormed, ticketId, umbrellaId } = story;
  const isNamed = (names: ReadonlySet<string>) => alertKey !== null && names.has(alertKey);
  const lacks: [boolean, string][] = [
    [opened !== 1, `its outage (confirmed ${opened} times)`],
    [alerts !== 1, `its alert (there are ${alerts})`],
    [filed + stormed !== 1, `one decision in the audit log (there are ${filed + stormed})`],
    [filed > 0 && !(ticketId !== null && tickets.has(ticketId)), 'its ticket'],
    [stormed > 0 && !(umbrellaId !== null && tickets.has(umbrellaId)), 'the umbrella ticket'],
    [stormed > 0 && !isNamed(listed), 'its name on the umbrella ticket'],
    [!isNamed(told), 'a direct message'],
    [recovered !== 1, `its recovery (confirmed ${recovered} times)`],
    [isActive, 'the end of its alert'],
  ];
  return lacks.flatMap(([isLacking, what]) => (isLacking ? [what] : []));
}

const WAS_OUT = `${outageStep('from_state')} is not null`;
const IS_OUT = `${outageStep('to_state')} is not null`;
const STORIES = `
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
