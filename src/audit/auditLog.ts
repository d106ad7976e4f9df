import type { ClientBase, Pool } from 'pg';
import { cancellableRead } from '../db/cancellableRead.ts';
import { instantOfMicros, micros } from '../db/keyset.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import { Problem } from '../lib/problem.ts';
import { type AuditPage, type AuditRow, SEARCHED_DAYS } from '../model/operations.ts';

/** One row to append; `actor` is the person or part of the program that caused it. */
export interface AuditEntry {
  action: string;
  payload: Record<string, unknown>;
  actor: string;
}

/**
 * Appends all rows in one statement, in their order, as part of the caller's transaction. Rows of a person get the issuer
 * and subject to whom the name belongs.
 */
export async function appendAudit(client: Pick<ClientBase, 'query'>, rows: readonly AuditEntry[]): Promise<void> {
  if (rows.length === 0) return;
  await queryPrepared(client, APPEND, [storableJson(rows)]);
}

const APPEND = prepared(`
  insert into audit_log (action, payload, actor, issuer, subject)
  select entry->>'action', entry->'payload', entry->>'actor', person.issuer, person.subject
  from jsonb_array_elements($1::jsonb) with ordinality as entries (entry, place)
  left join person_names person on person.name = entry->>'actor'
  order by place`);

export interface AuditQuery {
  /** For admins: also where people sign in from, and the ids of their sessions. */
  withVisitors?: boolean;
  /** Exactly this action. */
  action?: string | undefined;
  /** Text anywhere in the payload or the actor; case is ignored. */
  q?: string | undefined;
  since?: Date | undefined;
  cursor?: string | undefined;
  /** 1 to 500, default 50. */
  limit?: number | undefined;
}

interface StoredRow extends AuditRow {
  micros: string;
}

/**
 * A page of the audit log, newest first. The read is cancelled when `signal` is aborted. Throws Problem `invalid_field`
 * for an invalid query, `busy` for a slow one.
 */
export async function listAudit(pool: Pool, query: AuditQuery, signal?: AbortSignal): Promise<AuditPage> {
  const limit = query.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw invalid('limit', 'limit must be a whole number from 1 to 500.');
  const position = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const { terms, values } = conditions(query, position);
  return cancellableRead(pool, { signal }, async (client) => {
    const range = isSearch(query) ? await searchedRange(client, query, position) : null;
    if (range !== null) terms.push(`created_at >= ${instantOfMicros(`$${values.push(range.micros)}`)}`);
    const { rows } = await client.query<StoredRow>(
      `select id::text, ${utc('created_at')} as created_at,
              action, ${shownPayload(query)} as payload, actor, ${micros('created_at')} as micros
       from audit_log ${terms.length > 0 ? `where ${terms.join(' and ')}` : ''}
       order by audit_log.created_at desc, audit_log.id desc
       limit ${limit + 1}`,
      values,
    );
    return pageOf(rows, limit, range);
  }).catch(busyOnTimeout);
}

function pageOf(rows: StoredRow[], limit: number, range: SearchedRange | null): AuditPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isFull = rows.length > limit && last !== undefined;
  const goesOn = isFull ? last : range?.hasOlder ? { micros: range.micros, id: '0' } : null;
  return {
    rows: page.map(({ micros: _, ...row }) => row),
    next_cursor: goesOn === null ? null : encodeCursor(goesOn),
    ...(range === null ? {} : { searched_since: isFull ? last.created_at : range.since }),
  };
}

interface SearchedRange {
  /** Where it begins, which is also where the next page of the search goes on. */
  since: string;
  micros: string;
  /** There are rows before that, and the caller asked for them too. */
  hasOlder: boolean;
}

/** The days that a page of a search looks through: up to the end of the page before it, and no longer than the limit. */
async function searchedRange(
  client: Pick<ClientBase, 'query'>,
  { since }: AuditQuery,
  position: Position | null,
): Promise<SearchedRange> {
  const { rows } = await client.query<SearchedRange>(
    `with asked (until, since) as (
       select coalesce(${instantOfMicros('$1')}, clock_timestamp()), $2::timestamptz
     ), searched (since, asked_since, oldest) as materialized (
       select greatest(until - interval '${SEARCHED_DAYS} days', since), since,
         (select created_at from audit_log order by created_at, id limit 1) from asked
     )
     select ${utc('since')} as since, ${micros('since')} as micros,
       coalesce(oldest < since and (asked_since is null or asked_since < since), false) as "hasOlder"
     from searched`,
    [position?.micros ?? null, since ?? null],
  );
  const range = rows[0];
  if (range === undefined) throw new Error('the database named no range');
  return range;
}

const isSearch = ({ q }: AuditQuery): boolean => q !== undefined && q !== '';

const utc = (instant: string): string => `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What the reader may see, which is also what the search finds. */
const shownPayload = ({ withVisitors }: AuditQuery): string =>
  withVisitors
    ? 'payload'
    : `case when starts_with(action, 'console.session.')
         then payload - array['address', 'user_agent', 'session_id', 'replaced_by'] else payload end`;

function conditions(query: AuditQuery, position: Position | null): { terms: string[]; values: unknown[] } {
  const { action, q, since } = query;
  const terms: string[] = [];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  if (action !== undefined) terms.push(`action = ${bind(text('action', action))}`);
  if (q !== undefined && q !== '') {
    const pattern = bind(`%${text('q', q).replace(/[\\%_]/g, '\\$&')}%`);
    terms.push(`((${shownPayload(query)})::text ilike ${pattern} or actor ilike ${pattern})`);
  }
  if (since !== undefined) {
    if (Number.isNaN(since.getTime())) throw invalid('since', 'since must be a time, e.g. 2026-05-05T14:00:00Z.');
    terms.push(`created_at >= ${bind(since)}`);
  }
  if (position !== null) {
    terms.push(`(created_at, id) < (${instantOfMicros(bind(position.micros))}, ${bind(position.id)}::bigint)`);
  }
  return { terms, values };
}

/** Where a page ended. */
interface Position {
  micros: string;
  id: string;
}

/** Opaque to callers. */
const encodeCursor = ({ micros: at, id }: Position): string => Buffer.from(`${at}.${id}`).toString('base64url');

function decodeCursor(cursor: string): Position {
  // Seventeen digits of microseconds reach the year 5138, eighteen of an id stay within a bigint.
  const [, at, id] = /^(\d{1,17})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined)
    throw invalid('cursor', 'cursor must be the next_cursor of an earlier page.');
  return { micros: at, id };
}

function text(field: string, value: string): string {
  if (value.includes('\u0000')) throw invalid(field, `${field} must not contain the character U+0000.`);
  return value;
}

/** A search of many rows may exceed the statement timeout. */
function busyOnTimeout(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '57014') {
    throw new Problem('busy', 'The search took too long. Narrow it with action or since.', { cause: error });
  }
  throw error;
}

const invalid = (field: string, message: string): Problem => new Problem('invalid_field', message, { field });
