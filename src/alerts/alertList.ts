import type { Pool } from 'pg';
import { initialContext } from '../../machines/alert/episode.ts';
import { latestSeverity } from '../../machines/alert/facts.ts';
import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Severity } from '../../machines/shared/protocol.ts';
import { ACTIVE, alertSql, IS_ACTIVE, RANK, SEVERITY } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { containing, decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import { Problem } from '../lib/problem.ts';
import type { AlertRow } from '../model/alerts.ts';
import type { PageOf } from '../model/operations.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { noTicketReason } from './noTicketReason.ts';
import { activeSilences } from './silences/active.ts';
import { type ActiveSilence, asSilenced, silenceOf } from './silences/matching.ts';
import { UMBRELLA_COLUMNS } from './umbrellas.ts';

/** Alerts as the console shows them, read from their actors: active ones first, the worst before the others, then by their last change. */

export interface AlertsQuery {
  /** `firing`, `flapping` or `resolved`. */
  state?: string | undefined;
  severity?: Severity | undefined;
  /** Exactly this source. */
  source?: string | undefined;
  /** Text in the key (which begins with the source), the title, or the surface's id or name; case is ignored. */
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
  /** Age of the last emission, by source, from which an alert is shown as silent; never for other sources. */
  silentAfterSeconds: Record<string, number>;
}

/** Unpacked once per row instead of once per searched field. */
const CONTEXT = `(select ${contextOf('a')} as context offset 0) unpacked`;
const SEARCHED_FIELDS = ['alertKey', 'title', 'surfaceId', 'surfaceName'] as const;

const STATES: Record<string, string> = {
  firing: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'false'`,
  flapping: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'true'`,
  resolved: `${ACTIVE} = 'false'`,
};

/** A page of alerts. Throws Problem `invalid_field` for an unknown state, an unusable text or a foreign cursor. */
export async function listAlerts(pool: Pick<Pool, 'query'>, query: AlertsQuery): Promise<PageOf<AlertRow>> {
  const { limit } = query;
  const terms = ["a.kind = 'alert'"];
  const values: string[] = [];
  const bind = (value: string): string => `$${values.push(value)}`;
  if (query.state !== undefined) terms.push(stateTerm(query.state));
  if (query.severity !== undefined) terms.push(`${SEVERITY} = ${bind(query.severity)}`);
  if (query.source !== undefined) terms.push(`${alertSql.text('source', contextOf('a'))} = ${bind(query.source)}`);
  if (query.q !== undefined && query.q !== '') {
    const pattern = bind(containing('q', query.q));
    terms.push(
      `(select ${SEARCHED_FIELDS.map((name) => `${alertSql.text(name, 'context')} ilike ${pattern}`).join(' or ')} from ${CONTEXT})`,
    );
  }
  if (query.cursor !== undefined) {
    const [active = '', rank = '', key = '', id = ''] = decodeCursor(query.cursor, [/true|false/, TEXT, MICROS, TEXT]);
    terms.push(
      `(${ACTIVE}, ${RANK}, a.updated_at, a.id) <
        (${bind(active)}::jsonb, ${bind(rank)}, ${instantOfMicros(bind(key))}, ${bind(id)})`,
    );
  }
  const [rows, silences] = await Promise.all([
    readPage(pool, terms, values, limit + 1, query.silentAfterSeconds),
    activeSilences(pool),
  ]);
  return pageOf(
    rows,
    limit,
    (row) => alertRow(row, silences),
    ({ active, rank, key, id }) => [String(active), rank, key, id],
  );
}

/** How many alerts of each severity are active. */
export async function countActive(pool: Pick<Pool, 'query'>): Promise<Record<Severity, number>> {
  const { rows } = await pool.query<{ severity: Severity; n: number }>(
    `select ${SEVERITY} as severity, count(*)::int as n from actors a where a.kind = 'alert' and ${IS_ACTIVE} group by 1`,
  );
  return { P1: 0, P2: 0, P3: 0, ...Object.fromEntries(rows.map(({ severity, n }) => [severity, n])) };
}

/** The alerts of one surface, in the order of the list. */
export async function alertsOfSurface(
  pool: Pick<Pool, 'query'>,
  surfaceId: string,
  { limit, silentAfterSeconds }: Pick<AlertsQuery, 'limit' | 'silentAfterSeconds'>,
): Promise<AlertRow[]> {
  const terms = ["a.kind = 'alert'", `${alertSql.text('surfaceId', contextOf('a'))} = $1`];
  const [rows, silences] = await Promise.all([
    readPage(pool, terms, [surfaceId], limit, silentAfterSeconds),
    activeSilences(pool),
  ]);
  return rows.map((row) => alertRow(row, silences));
}

/** One alert as the list shows it; null if there is none of this key. */
export async function oneAlert(
  pool: Pick<Pool, 'query'>,
  alertKey: string,
  silentAfterSeconds: Record<string, number>,
): Promise<(AlertRow & { context: AlertContext }) | null> {
  const [[row], silences] = await Promise.all([
    readPage(pool, ["a.kind = 'alert'", 'a.id = $1'], [alertActor(alertKey)], 1, silentAfterSeconds),
    activeSilences(pool),
  ]);
  return row ? { ...alertRow(row, silences), context: contextOfRow(row) } : null;
}

function stateTerm(state: string): string {
  const term = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  if (term !== undefined) return `(${term})`;
  throw new Problem('invalid_field', `state must be one of ${Object.keys(STATES).join(', ')}.`, { field: 'state' });
}

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
async function readPage(
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
       coalesce(seen.last_seen_at < clock_timestamp()
         - (${limits}->>(${ofPage('source')}))::float8 * interval '1 second', false) as is_silent,
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

function alertRow(
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
const contextOfRow = ({ id, context }: Pick<Row, 'id' | 'context'>): AlertContext => ({
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
