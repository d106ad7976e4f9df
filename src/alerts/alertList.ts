import type { Pool } from 'pg';
import { blank } from '../../machines/alert/life.ts';
import type { AlertContext } from '../../machines/alert/types.ts';
import { ACTIVE, alertSql, IS_ACTIVE, isTicketState } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { containing, decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import { Problem } from '../lib/problem.ts';
import type { AlertRow } from '../model/alerts.ts';
import type { PageOf } from '../model/operations.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { UMBRELLA_COLUMNS } from './umbrellas.ts';

/** Alerts as the console shows them, read from the rows of their actors: what is active first, then what moved last. */

export interface AlertsQuery {
  /** `firing`, `flapping` or `resolved`. */
  state?: string | undefined;
  /** Text found in the key, the title, or the surface's id or name, upper or lower case alike. The key begins with the source. */
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
  /** After so long without a word an alert is not filed anew. */
  silentAfterMinutes: number;
}

/**
 * A person wants to know of a silent sender long before its alerts stop being filed. Senders repeat each minute or
 * two, and a repeat is written down only once a minute; five minutes without one are more than any of that.
 */
const SILENCE_SHOWN_MINUTES = 5;

/** Unpacked once for each row, and not once for each field that is looked at. */
const CONTEXT = `(select ${contextOf('a')} as context offset 0) unpacked`;
const SEARCHED_FIELDS = ['alertKey', 'title', 'surfaceId', 'surfaceName'] as const;

const STATES: Record<string, string> = {
  firing: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'false'`,
  flapping: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'true'`,
  resolved: `${ACTIVE} = 'false'`,
};

/** Throws Problem `invalid_field` for a query that cannot be meant. */
export async function listAlerts(pool: Pick<Pool, 'query'>, query: AlertsQuery): Promise<PageOf<AlertRow>> {
  const { limit } = query;
  const terms = ["a.kind = 'alert'"];
  const values: string[] = [];
  const bind = (value: string): string => `$${values.push(value)}`;
  if (query.state !== undefined) terms.push(stateTerm(query.state));
  if (query.q !== undefined && query.q !== '') {
    const pattern = bind(containing('q', query.q));
    terms.push(
      `(select ${SEARCHED_FIELDS.map((name) => `${alertSql.text(name, 'context')} ilike ${pattern}`).join(' or ')} from ${CONTEXT})`,
    );
  }
  if (query.cursor !== undefined) {
    const [active = '', key = '', id = ''] = decodeCursor(query.cursor, [/true|false/, MICROS, TEXT]);
    terms.push(
      `(${ACTIVE}, a.updated_at, a.id) < (${bind(active)}::jsonb, ${instantOfMicros(bind(key))}, ${bind(id)})`,
    );
  }
  const rows = await readPage(pool, terms, values, limit + 1, query.silentAfterMinutes);
  return pageOf(rows, limit, alertRow, ({ active, key, id }) => [String(active), key, id]);
}

/** The alerts of one surface, in the same order. */
export async function alertsOfSurface(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  { limit, silentAfterMinutes }: Pick<AlertsQuery, 'limit' | 'silentAfterMinutes'>,
): Promise<AlertRow[]> {
  const terms = ["a.kind = 'alert'", `${alertSql.text('surfaceId', contextOf('a'))} = $1`];
  return (await readPage(pool, terms, [surfaceId], limit, silentAfterMinutes)).map(alertRow);
}

function stateTerm(state: string): string {
  const term = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  if (term !== undefined) return `(${term})`;
  throw new Problem('invalid_field', `state must be one of ${Object.keys(STATES).join(', ')}.`, { field: 'state' });
}

interface Row {
  id: string;
  active: boolean;
  key: string;
  updated_at: Date;
  context: Partial<AlertContext> | null;
  /** Where the alert stands about its ticket, as a state value. */
  region: unknown;
  last_seen_at: Date | null;
  is_silent: boolean;
  /** What is known of its ticket, where we filed it ourselves. */
  filed: StoredTicket | null;
  /** That of the umbrella which it joined, where there is one by now. */
  umbrella: StoredTicket | null;
}

/** A field of the alert in a row of `page`. */
const ofPage = (field: Parameters<typeof alertSql.text>[0]): string => alertSql.text(field, 'page.context');

/** The page is chosen first and its particulars are looked up after that, for its few rows only. */
async function readPage(
  pool: Pick<Pool, 'query'>,
  terms: readonly string[],
  values: readonly unknown[],
  limit: number,
  silentAfterMinutes: number,
): Promise<Row[]> {
  const minutes = Math.min(SILENCE_SHOWN_MINUTES, silentAfterMinutes);
  const { rows } = await pool.query<Row>(
    `with page as materialized (
       select a.id, a.updated_at, ${alertSql.region('ticket', 'a.state')} as region, ${contextOf('a')} as context,
         ${ACTIVE} as active
       from actors a where ${terms.join(' and ')}
       order by ${ACTIVE} desc, a.updated_at desc, a.id desc limit ${limit}
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
       coalesce(seen.last_seen_at < clock_timestamp() - ${minutes} * interval '1 minute', false) as is_silent,
       (select to_jsonb(f) from (
          select ${TICKET_COLUMNS} from filings
          where actor_id = page.id and ticket_id = (${ofPage('ticket.id')})::bigint
          order by filed_at limit 1) f) as filed,
       to_jsonb(umbrellas) as umbrella
     from page left join alert_sightings seen on seen.alert_key = ${ofPage('alertKey')}
     left join joined on joined.id = page.id left join umbrellas on umbrellas.filing_id = joined.filing_id
     order by page.active desc, page.updated_at desc, page.id desc`,
    [...values],
  );
  return rows;
}

function alertRow({
  id,
  context: stored,
  region,
  last_seen_at,
  is_silent,
  filed,
  umbrella,
  updated_at,
}: Row): AlertRow {
  // What an older release stored may lack a field, and one such row must not take the list down.
  const context = { ...blank(id), ...stored };
  const { ticket } = context;
  // Nothing is to be heard from a sender that said of all its alerts that they are over.
  const isSilent = is_silent && context.active && context.ids.length > 0;
  const lastSeen = last_seen_at?.toISOString() ?? null;
  return {
    alert_key: context.alertKey,
    source: context.source,
    state: context.active ? (context.flapping ? 'flapping' : 'firing') : 'resolved',
    severity: context.severity,
    title: context.title,
    surface_id: context.surfaceId,
    url: context.url,
    since: context.since || updated_at.toISOString(),
    last_seen_at: lastSeen,
    silent_since: isSilent ? lastSeen : null,
    collision: context.ids.length > 1,
    episode: context.episode,
    ticket: ticket
      ? ticketState({ ...(filed ?? neverReadTicket(updated_at)), id: ticket.id, url: ticket.url })
      : umbrella && ticketState(umbrella),
    no_ticket_reason: ticket || umbrella ? null : noTicketReason(context, region),
  };
}

const neverReadTicket = (filed_at: Date) => ({
  filed_at,
  status: null,
  assignee: null,
  replied_at: null,
  checked_at: null,
});

function noTicketReason({ active, reason }: AlertContext, region: unknown): string | null {
  if (isTicketState('filing', region) || isTicketState('doubtful', region)) return 'filing';
  return reason ?? (active ? null : 'resolved_before_filing');
}
