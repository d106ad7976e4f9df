import type { Pool } from 'pg';
import { type AnyMachineSnapshot, getNextTransitions } from 'xstate';
import { kindOf } from '../../machines/shared/actorId.ts';
import { isEffective, raisedBy } from '../actors/machineShape.ts';
import type { MachineEntry, PersistedSnapshot, Registry } from '../actors/registry.ts';
import { hydrate } from '../actors/step.ts';
import { containing, decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import { leadOn, searchEnd } from '../db/searchEnd.ts';
import { eventName } from '../lib/eventName.ts';
import type { ActorDetail, ActorSummary } from '../model/actors.ts';
import type { SearchedPage } from '../model/operations.ts';
import type { Chart } from './chart.ts';
import { historyOf } from './history.ts';

/** Reads the state of actors from their rows; never changes one. */

export interface ActorsQuery {
  kind?: string | undefined;
  /** Name or path of a state: `ticketed`, `ticket.filing`. `parked` finds parked actors. */
  state?: string | undefined;
  /** Text within the id, in any case. */
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

interface Summary extends Omit<ActorSummary, 'updated_at'> {
  updated_at: Date;
  key: string;
}

const SUMMARY = `id, kind, version, rev, state, parked, updated_at, ${micros('updated_at')} as key`;

/**
 * Actors, most recently changed first; a search looks through a limited number of them. Throws Problem `invalid_field` for
 * an invalid query.
 */
export async function listActors(pool: Pick<Pool, 'query'>, query: ActorsQuery): Promise<SearchedPage<ActorSummary>> {
  const { limit } = query;
  const values: string[] = [];
  const bind = (value: string): string => `$${values.push(value)}`;
  const terms = indexedTerms(query, bind);
  const listed = [...values];
  const searched = searchTerms(query, bind);
  const end = searched.length > 0 ? await searchEnd(pool, terms, listed) : null;
  terms.push(...searched);
  if (end !== null) terms.push(`(a.updated_at, a.id) >= (${instantOfMicros(bind(end.key))}, ${bind(end.id)})`);
  const { rows } = await pool.query<Summary>(
    `select ${SUMMARY} from actors a ${terms.length > 0 ? `where ${terms.join(' and ')}` : ''}
     order by a.updated_at desc, a.id desc limit ${limit + 1}`,
    values,
  );
  return leadOn(
    pageOf(rows, limit, summary, ({ key, id }) => [key, id]),
    end,
    ({ key, id }) => [key, id],
  );
}

/** Indexes have the actors of one kind, and those that are parked. */
function indexedTerms({ kind, state, cursor }: ActorsQuery, bind: (value: string) => string): string[] {
  const terms: string[] = [];
  if (kind !== undefined) terms.push(`a.kind = ${bind(storable(kind))}`);
  if (state === 'parked') terms.push('a.parked is not null');
  if (cursor !== undefined) {
    const [key = '', id = ''] = decodeCursor(cursor, [MICROS, TEXT]);
    terms.push(`(a.updated_at, a.id) < (${instantOfMicros(bind(key))}, ${bind(id)})`);
  }
  return terms;
}

/** What is compared with one actor after the other. */
function searchTerms({ state, q }: ActorsQuery, bind: (value: string) => string): string[] {
  const terms: string[] = [];
  if (state !== undefined && state !== 'parked') {
    const [within, at] = jsonPathsTo(storable(state));
    terms.push(`(a.state @? ${bind(within)}::jsonpath or a.state @? ${bind(at)}::jsonpath)`);
  }
  if (q !== undefined && q !== '') terms.push(`a.id ilike ${bind(containing('q', q))}`);
  return terms;
}

/** Postgres rejects a query with a NUL character; no kind or state contains one. */
const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd');

/** In a state value, outer names are keys and the innermost is a string: `{"health":{"outage":"down"}}`. */
function jsonPathsTo(state: string): [within: string, at: string] {
  const names = state.split('.').map((name) => JSON.stringify(name));
  const above = names.slice(0, -1).map((name) => `.${name}`);
  return [`$.**.${names.join('.')}`, `$.**${above.join('')} ? (@ == ${names.at(-1)})`];
}

const summary = ({ key: _, ...row }: Summary): ActorSummary => ({ ...row, updated_at: row.updated_at.toISOString() });

const EFFECTS_SHOWN = 50;
const HISTORY_SHOWN = 100;

/** Everything about one actor; null if there is none. An actor that cannot be restored is shown too. */
export async function actorDetail(
  pool: Pick<Pool, 'query'>,
  { registry, chart }: { registry: Registry; chart: Chart },
  id: string,
): Promise<ActorDetail | null> {
  if (id.includes('\0')) return null;
  const { rows } = await pool.query<Summary & { snapshot: PersistedSnapshot }>(
    `select ${SUMMARY}, snapshot from actors where id = $1`,
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  const { snapshot, ...actor } = row;
  const entry = registry.all.find(({ kind }) => kind === kindOf(id));
  const [timers, effects, history, chart_svg] = await Promise.all([
    timersOf(pool, id),
    effectsOf(pool, id),
    historyOf(pool, id, HISTORY_SHOWN),
    entry ? chart.draw(entry.machine, actor.state) : '',
  ]);
  return {
    ...summary(actor),
    machine: entry?.machine.id ?? actor.kind,
    context: snapshot.context ?? null,
    next_events: entry && actor.parked === null ? nextEvents(entry, snapshot, actor.version) : [],
    timers,
    effects,
    history,
    chart_svg,
  };
}

/**
 * Events that may have an effect now. Guards are not evaluated, since they may depend on the fields of the event. Empty for
 * a snapshot that this release cannot restore.
 */
function nextEvents(entry: MachineEntry, stored: PersistedSnapshot, version: number): string[] {
  if (version > entry.version) return [];
  const snapshot = restored(entry, stored, version);
  if (!snapshot) return [];
  const own = raisedBy(entry.machine);
  const types = getNextTransitions(snapshot)
    .filter((transition) => transition.eventType !== '' && !own.has(transition.eventType) && isEffective(transition))
    .map(({ eventType }) => eventName(eventType));
  return [...new Set(types)];
}

/** Null for a faulty snapshot, whose page must still be shown. */
function restored(entry: MachineEntry, stored: PersistedSnapshot, version: number): AnyMachineSnapshot | null {
  try {
    return hydrate(entry, stored, version);
  } catch {
    return null;
  }
}

async function timersOf(pool: Pick<Pool, 'query'>, id: string): Promise<ActorDetail['timers']> {
  const { rows } = await pool.query<{ id: string; event: string; due_at: Date }>(
    `select timer_id as id, event->>'type' as event, due_at from timers where actor_id = $1 order by due_at, timer_id`,
    [id],
  );
  return rows.map((timer) => ({ ...timer, event: eventName(timer.event), due_at: timer.due_at.toISOString() }));
}

async function effectsOf(pool: Pick<Pool, 'query'>, id: string): Promise<ActorDetail['effects']> {
  const { rows } = await pool.query<Omit<ActorDetail['effects'][number], 'created_at'> & { created_at: Date }>(
    `select id, src, status, attempts, created_at, error from effects
     where actor_id = $1 order by created_at desc, id desc limit ${EFFECTS_SHOWN}`,
    [id],
  );
  return rows.map((effect) => ({ ...effect, created_at: effect.created_at.toISOString() }));
}
