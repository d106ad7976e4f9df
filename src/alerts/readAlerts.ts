import type { Pool } from 'pg';
import { initialContext } from '../../machines/alert/episode.ts';
import { latestSeverity } from '../../machines/alert/facts.ts';
import type { AlertContext } from '../../machines/alert/types.ts';
import { ACTIVE, alertSql, RANK } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { micros } from '../db/keyset.ts';
import type { AlertRow } from '../model/alerts.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { noTicketReason } from './noTicketReason.ts';
import { type ActiveSilence, asSilenced, silenceOf } from './silences/matching.ts';
import { ownLimitSeconds } from './sources/ownInterval.ts';
import { UMBRELLA_COLUMNS } from './umbrellas.ts';

/** Alerts with their tickets, read from their actors: the rows of every list of alerts. */

interface Row {
  id: string;
  active: boolean;
  rank: string;
  key: string;
  updated_at: Date;
  context: Partial<AlertContext> | null;
  /** State value of the region `ticket`. */
  region: unknown;
  last_seen_at: Date | null;
  is_silent: boolean;
  /** The stored ticket, if we filed one for this alert. */
  filed: StoredTicket | null;
  /** The umbrella ticket that the alert has joined, if it is filed. */
  umbrella: StoredTicket | null;
}

/** A field of the alert in a row of `page`. */
const ofPage = (field: Parameters<typeof alertSql.text>[0]): string => alertSql.text(field, 'page.context');

/** Selects the page first and then joins tickets for its few rows only. */
export async function readPage(
  pool: Pick<Pool, 'query'>,
  terms: readonly string[],
  values: readonly unknown[],
  limit: number,
  silentAfterSeconds: Record<string, number>,
): Promise<Row[]> {
  const limits = `$${values.length + 1}::jsonb`;
  const { rows } = await pool.query<Row>(
    `with page as materialized (
       select a.id, a.updated_at, ${alertSql.region('ticket', 'a.state')} as region, ${contextOf('a')} as context,
         ${ACTIVE} as active, ${RANK} as rank
       from actors a where ${terms.join(' and ')}
       order by ${ACTIVE} desc, ${RANK} desc, a.updated_at desc, a.id desc limit ${limit}
     ), joined as materialized (
       select distinct on (page.id) page.id, m.filing_id
       from page join umbrella_members m on m.alert_key = ${ofPage('alertKey')}
         and m.episode = (${ofPage('episode')})::int
       order by page.id, m.joined_at desc
     ), umbrellas as materialized (
       select f.id as filing_id, ${UMBRELLA_COLUMNS} from filings f
       where f.id in (select filing_id from joined) and f.ticket_id is not null
     )
     select page.*, ${micros('page.updated_at')} as key, seen.last_seen_at,
       coalesce(seen.last_seen_at < clock_timestamp() - greatest((${limits}->>(${ofPage('source')}))::float8,
         ${ownLimitSeconds(ofPage('source'), ofPage('surfaceId'))}) * interval '1 second', false) as is_silent,
       (select to_jsonb(f) from (
          select ${TICKET_COLUMNS} from filings
          where actor_id = page.id and ticket_id = (${ofPage('ticket.id')})::bigint
          order by filed_at limit 1) f) as filed,
       to_jsonb(umbrellas) as umbrella
     from page left join alert_sightings seen on seen.alert_key = ${ofPage('alertKey')}
     left join joined on joined.id = page.id left join umbrellas on umbrellas.filing_id = joined.filing_id
     order by page.active desc, page.rank desc, page.updated_at desc, page.id desc`,
    [...values, JSON.stringify(silentAfterSeconds)],
  );
  return rows;
}

export function alertRow(
  { id, context: stored, region, last_seen_at, is_silent, filed, umbrella, updated_at }: Row,
  silences: readonly ActiveSilence[],
): AlertRow {
  const context = contextOfRow({ id, context: stored });
  const { ticket } = context;
  // A sender that has resolved all its ids is not expected to repeat.
  const isSilent = is_silent && context.active && context.ids.length > 0;
  const lastSeen = last_seen_at?.toISOString() ?? null;
  const silence = context.active ? silenceOf(silences, context) : null;
  return {
    alert_key: context.alertKey,
    source: context.source,
    state: context.active ? (context.flapping ? 'flapping' : 'firing') : 'resolved',
    severity: latestSeverity(context),
    title: context.title,
    surface_id: context.surfaceId,
    url: context.url,
    since: context.since || updated_at.toISOString(),
    last_seen_at: lastSeen,
    silent_since: isSilent ? lastSeen : null,
    silenced: silence && asSilenced(silence),
    collision: context.ids.length > 1,
    episode: context.episode,
    ticket: ticket
      ? ticketState({ ...(filed ?? neverReadTicket(updated_at)), id: ticket.id, url: ticket.url })
      : umbrella && ticketState(umbrella),
    ...(ticket !== null && ticket.id === context.continues?.ticket?.id && { ticket_continued: true }),
    no_ticket_reason: ticket || umbrella ? null : noTicketReason(context, region),
  };
}

/** A row stored by an older release may lack a field, and must not break the list. */
export const contextOfRow = ({ id, context }: Pick<Row, 'id' | 'context'>): AlertContext => ({
  ...initialContext(id),
  ...context,
});

const neverReadTicket = (filed_at: Date) => ({
  filed_at,
  status: null,
  assignee: null,
  replied_at: null,
  checked_at: null,
});
