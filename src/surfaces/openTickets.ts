import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, isOnUmbrella } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { outageAlertKeySql, POLLER_SOURCE } from '../alerts/emission.ts';
import { noTicketReason } from '../alerts/noTicketReason.ts';
import { UMBRELLA_COLUMNS } from '../alerts/umbrellas.ts';
import type { SurfaceStatus, Tile } from '../model/surfaces.ts';
import type { FiledTicket } from '../model/tickets.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';

/** The open tickets of each surface, and which of them are about its present outage. */

interface OpenTicket extends StoredTicket {
  path: FiledTicket['path'];
  /** The alert that it is about, or that joined it; null for a click. */
  alert_key: string | null;
  /** That alert is active, and this is its ticket. */
  is_active: boolean;
  /** When the status began at which it was clicked, and when a later click got it. */
  since: string | null;
  reused_at: string | null;
}

/** The alert that the surface's own checks raised for the present outage. */
interface OutageAlert {
  active: boolean;
  reason: string | null;
  /** State value of its region `ticket`. */
  region: unknown;
  /** It has a ticket, or is on an umbrella that has one; whether open or not. */
  has_ticket: boolean;
}

export interface OutageRow {
  /** When the present outage was confirmed; null outside of one. */
  confirmed_at: string | null;
  /** Key of the alert of that outage. */
  outage_alert_key: string | null;
  outage_alert: OutageAlert | null;
  /** The severity at which the present status raises an alert; null if it raises none. */
  outage_severity: string | null;
  tickets: OpenTicket[] | null;
}

/** Common table expressions with a row of `tickets` (jsonb) for each surface that has open ones; `only` where of one: `$2`. */
export const openTicketsSql = (only: boolean): string => `
  umbrellas as materialized (
    select f.id as filing_id, ${UMBRELLA_COLUMNS} from filings f
    where f.ticket_status in ('active', 'pending') and f.path = 'umbrella'
  ), open as materialized (
    select f.request->>'surfaceId' as surface_id, f.path, f.request->>'alertKey' as alert_key,
      coalesce(a.is_active, false) as is_active, f.request->>'since' as since, f.reused_at,
      ${TICKET_COLUMNS}, null::int as shared_with
    from filings f left join lateral (
      select ${alertSql.text('active', 'context')} = 'true' and (${alertSql.text('ticket.id', 'context')})::bigint = f.ticket_id
        as is_active
      from (select ${contextOf()} as context from actors where id = f.actor_id and f.path = 'alert' offset 0) x
    ) a on true
    where f.ticket_status in ('active', 'pending') and f.path in ('investigate', 'alert')
      and f.request->>'surfaceId' ${only ? '= $2' : 'is not null'}
    union all
    select m.surface_id, 'umbrella', m.alert_key, coalesce(${isOnUmbrella('a.state')}, false), null, null,
      u.id, u.url, u.filed_at, u.status, u.assignee, u.replied_at, u.checked_at, u.shared_with
    from umbrellas u join umbrella_members m using (filing_id)
    left join actors a on a.id = ${alertActorSql('m.alert_key')}
    where m.surface_id ${only ? '= $2' : 'is not null'}
  ), open_tickets as (
    select surface_id, jsonb_agg(to_jsonb(open) - 'surface_id' order by filed_at desc, id desc) as tickets
    from open group by surface_id
  )`;

/** A lateral subquery with the column `outage_alert`; the arguments are SQL expressions. */
export const outageAlertSql = (surfaceId: string, confirmedAt: string): string => `
  select jsonb_build_object('active', ${alertSql.text('active', 'context')} = 'true',
      'reason', ${alertSql.text('reason', 'context')}, 'region', region,
      'has_ticket', ${alertSql.text('ticket.id', 'context')} is not null or exists (
        select from umbrella_members m join filings f on f.id = m.filing_id
        where m.alert_key = ${outageAlertKeySql(surfaceId, confirmedAt)} and f.ticket_id is not null)
    ) as outage_alert
  from (select ${contextOf()} as context, ${alertSql.region('ticket', 'state')} as region from actors
        where id = ${alertActorSql(outageAlertKeySql(surfaceId, confirmedAt))} offset 0) x`;

type ShownTickets = Pick<
  Tile,
  'ticket' | 'no_ticket_reason' | 'earlier_tickets' | 'recovered_ticket_open' | 'recovered_ticket'
>;

/** What a tile of this status shows of its tickets. */
export function shownTickets(row: OutageRow, status: SurfaceStatus): ShownTickets {
  const open = row.tickets ?? [];
  const present = open.find((ticket) => isOfPresentOutage(ticket, row));
  const others = new Map(open.filter(({ id }) => id !== present?.id).map((ticket) => [ticket.id, ticketState(ticket)]));
  const earlier = [...others.values()];
  const isRecovered = status === 'OPERATIONAL' && earlier.length > 0;
  return {
    ticket: present === undefined ? null : ticketState(present),
    no_ticket_reason: present === undefined && (status === 'DOWN' || status === 'DEGRADED') ? reasonOf(row) : null,
    earlier_tickets: earlier,
    recovered_ticket_open: isRecovered,
    recovered_ticket: isRecovered ? (earlier[0] ?? null) : null,
  };
}

function isOfPresentOutage(ticket: OpenTicket, { confirmed_at, outage_alert_key }: OutageRow): boolean {
  const { path, alert_key, is_active, since, reused_at } = ticket;
  if (path === 'investigate') return isSince(since, confirmed_at) || isSince(reused_at, confirmed_at);
  // An alert of our own ends with its outage, even if it stays active for a while because the surface is flapping.
  if (alert_key?.startsWith(`${POLLER_SOURCE}:`)) return alert_key === outage_alert_key;
  return is_active;
}

const isSince = (at: string | null, from: string | null): boolean =>
  at !== null && from !== null && Date.parse(at) >= Date.parse(from);

function reasonOf({ outage_alert, outage_severity }: OutageRow): string {
  if (outage_alert === null) return outage_severity === null ? 'no_alert' : 'undecided';
  if (outage_alert.has_ticket) return 'closed';
  return noTicketReason(outage_alert, outage_alert.region) ?? 'undecided';
}
