import type { Pool } from 'pg';
import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Severity } from '../../machines/shared/protocol.ts';
import { ACTIVE, alertSql, IS_ACTIVE, RANK, SEVERITY } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { containing, decodeCursor, instantOfMicros, MICROS, pageOf, TEXT } from '../db/keyset.ts';
import { leadOn, type SearchEnd, searchEnd } from '../db/searchEnd.ts';
import { Problem } from '../lib/problem.ts';
import type { AlertRow } from '../model/alerts.ts';
import type { SearchedPage } from '../model/operations.ts';
import { alertRow, contextOfRow, readPage } from './readAlerts.ts';
import { activeSilences } from './silences/active.ts';

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
  /**
   * Age of the last emission, by source, from which an alert is shown as silent; never for other sources. An alert of a
   * surface that is checked more rarely is silent later.
   */
  silentAfterSeconds: Record<string, number>;
}

/** Unpacked once per row instead of once per searched field. */
const CONTEXT = `(select ${contextOf('a')} as context offset 0) unpacked`;
const SEARCHED_FIELDS = ['alertKey', 'title', 'surfaceId', 'surfaceName'] as const;

/** Alerts that have ended are found by their place in the list. */
const STATES: Record<string, string> = {
  firing: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'false'`,
  flapping: `${IS_ACTIVE} and ${alertSql.text('flapping', contextOf('a'))} = 'true'`,
  resolved: 'true',
};

/**
 * A page of alerts; a search looks through the active ones and a limited number of those that have ended. Throws Problem
 * `invalid_field` for an unknown state, an unusable text or a foreign cursor.
 */
export async function listAlerts(pool: Pick<Pool, 'query'>, query: AlertsQuery): Promise<SearchedPage<AlertRow>> {
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
  const position = positionOf(query);
  if (position !== null) {
    const [active = '', rank = '', key = '', id = ''] = position;
    terms.push(
      `(${ACTIVE}, ${RANK}, a.updated_at, a.id) <
        (${bind(active)}::jsonb, ${bind(rank)}, ${instantOfMicros(bind(key))}, ${bind(id)})`,
    );
  }
  const end = looksAtEnded(query) ? await endOfSearch(pool, position) : null;
  if (end !== null) {
    terms.push(
      `(${ACTIVE}, ${RANK}, a.updated_at, a.id) >= ('false'::jsonb, '', ${instantOfMicros(bind(end.key))}, ${bind(end.id)})`,
    );
  }
  const [rows, silences] = await Promise.all([
    readPage(pool, terms, values, limit + 1, query.silentAfterSeconds),
    activeSilences(pool),
  ]);
  const page = pageOf(
    rows,
    limit,
    (row) => alertRow(row, silences),
    ({ active, rank, key, id }) => [String(active), rank, key, id],
  );
  return leadOn(page, end, ({ key, id }) => ['false', '', key, id]);
}

/** Behind all active alerts and before all that have ended: the sort values of a row. */
const BEFORE_ENDED = ['true', '', '0', ''];

/** The sort values of the row behind which the page begins; null for the first page. */
function positionOf({ state, cursor }: AlertsQuery): string[] | null {
  const position = cursor === undefined ? null : decodeCursor(cursor, [/true|false/, TEXT, MICROS, TEXT]);
  // Compared for equality instead, the index would be read from the first ended alert on for each page.
  return state === 'resolved' && position?.[0] !== 'false' ? BEFORE_ENDED : position;
}

/** Whether this is a search for which alerts that have ended are read one by one. */
const looksAtEnded = ({ state, severity, source, q }: AlertsQuery): boolean =>
  (state === undefined || state === 'resolved') &&
  [severity, source, q || undefined].some((each) => each !== undefined);

function endOfSearch(pool: Pick<Pool, 'query'>, position: string[] | null): Promise<SearchEnd | null> {
  const terms = ["a.kind = 'alert'", `${ACTIVE} = 'false'`, `${RANK} = ''`];
  const [active, , key = '', id = ''] = position ?? [];
  if (active !== 'false') return searchEnd(pool, terms, []);
  return searchEnd(pool, [...terms, `(a.updated_at, a.id) < (${instantOfMicros('$1')}, $2)`], [key, id]);
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
