import type { Pool } from 'pg';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { POLLER_SOURCE } from '../alerts/emission.ts';
import { UMBRELLA_COLUMNS } from '../alerts/umbrellas.ts';
import type { FiledTicket } from '../model/tickets.ts';
import { composeTicket } from '../tickets/composeTicket.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import type { TicketTimes } from './outages.ts';

/** The tickets that were filed for a surface, or joined by its alerts, and when each was asked for. */

interface Row extends StoredTicket {
  path: FiledTicket['path'];
  marker: string;
  request: FilingRequest;
  adopted: boolean;
  joined_at: Date | null;
  asked_at: Date;
  reused_at: Date | null;
  /** Of an alert that the surface's own checks raised: whether it is active, and when it ended. */
  own: { active: boolean; ended_at: string | null } | null;
}

/** An alert of the surface's own checks lasts for several outages while the surface is flapping. */
const OWN = `
  select jsonb_build_object('active', ${alertSql.text('active', 'context')} = 'true', 'ended_at', ${alertSql.text('endedAt', 'context')}) as own
  from (select ${contextOf()} as context from actors where id = f.actor_id and f.path = 'alert' and f.source = '${POLLER_SOURCE}' offset 0) x
  where (${alertSql.text('ticket.id', 'context')})::bigint = f.ticket_id`;

/** When the episode began in which an alert joined; the time of joining if a later episode is stored. */
const JOINED_FOR = `
  select case when (${alertSql.text('episode', 'context')})::int = j.episode
    then (nullif(${alertSql.text('since', 'context')}, ''))::timestamptz end as since
  from (select ${contextOf()} as context from actors where id = ${alertActorSql('j.alert_key')} offset 0) x`;

/** The newest `limit` tickets of a surface, newest first. */
export async function ticketsOf(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  limit: number,
): Promise<{ ticket: FiledTicket; times: TicketTimes }[]> {
  const { rows } = await pool.query<Row>(
    `with joined as materialized (
       select distinct on (filing_id) filing_id, alert_key, episode, joined_at from umbrella_members
       where surface_id = $1 order by filing_id, joined_at desc
     ), latest as materialized (select * from joined order by joined_at desc limit ${limit})
     (select ${TICKET_COLUMNS}, null::int as shared_with, path, marker, request, adopted, null::timestamptz as joined_at,
        coalesce((request->>'since')::timestamptz, created_at) as asked_at, reused_at, o.own
      from filings f left join lateral (${OWN}) o on true
      where request->>'surfaceId' = $1 and ticket_id is not null order by filed_at desc limit ${limit})
     union all
     select ${UMBRELLA_COLUMNS}, path, marker, request, adopted, j.joined_at,
       coalesce(e.since, j.joined_at) as asked_at, null, null
     from latest j join filings f on f.id = j.filing_id left join lateral (${JOINED_FOR}) e on true
     where ticket_id is not null
     order by filed_at desc, id desc limit ${limit}`,
    [surfaceId],
  );
  return rows.map((row) => ({ ticket: filedTicket(row), times: timesOf(row) }));
}

const filedTicket = ({ path, marker, request, adopted, joined_at, ...ticket }: Row): FiledTicket => ({
  ...ticketState(ticket),
  path,
  subject: subjectOf(marker, request, adopted),
  joined_at: joined_at?.toISOString() ?? null,
});

function timesOf({ id, asked_at, filed_at, joined_at, reused_at, own }: Row): TicketTimes {
  const asked = asked_at.getTime();
  const endedAt = own?.ended_at == null ? asked : Date.parse(own.ended_at);
  return {
    id,
    asked,
    filed: (joined_at ?? new Date(filed_at)).getTime(),
    reused: reused_at?.getTime() ?? null,
    coversUntil: own?.active ? Number.POSITIVE_INFINITY : endedAt,
  };
}

/** An adopted ticket carries the marker of an earlier filing that is no longer in the database. */
function subjectOf(marker: string, request: FilingRequest, adopted: boolean): string {
  const { subject } = composeTicket({ marker, request }, { consoleUrl: '', earlier: null, lastCheck: null });
  return adopted ? subject.replace(`[${marker}] `, '') : subject;
}
