import type { ClientBase, Pool } from 'pg';
import { transaction } from '../db/pool.ts';
import { storableJson } from '../db/storable.ts';
import { Problem } from '../lib/problem.ts';

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
  await client.query(
    `insert into audit_log (action, payload, actor, issuer, subject)
     select entry->>'action', entry->'payload', entry->>'actor', person.issuer, person.subject
     from jsonb_array_elements($1::jsonb) with ordinality as entries (entry, place)
     left join person_names person on person.name = entry->>'actor'
     order by place`,
    [storableJson(rows)],
  );
}

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

export interface AuditPage {
  /** `created_at` is UTC with milliseconds, as all times in answers. */
  rows: { id: string; created_at: string; action: string; payload: unknown; actor: string }[];
  next_cursor: string | null;
}

interface StoredRow {
  id: string;
  created_at: string;
  action: string;
  payload: unknown;
  actor: string;
  micros: string;
}

/** A page of the audit log, newest first. Throws Problem `invalid_field` for an invalid query, `busy` for a slow one. */
export async function listAudit(pool: Pool, query: AuditQuery): Promise<AuditPage> {
  const limit = query.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw invalid('limit', 'limit must be a whole number from 1 to 500.');
  const { sql, values } = conditions(query);
  const { rows } = await transaction(pool, async (client) => {
    // The page must answer within five seconds, and a text search may scan the whole log.
    await client.query(`set local statement_timeout = '4s'`);
    return client.query<StoredRow>(
      `select id::text, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
              action, ${shownPayload(query)} as payload, actor, (extract(epoch from created_at) * 1000000)::bigint::text as micros
       from audit_log ${sql}
       order by audit_log.created_at desc, audit_log.id desc
       limit ${limit + 1}`,
      values,
    );
  }).catch(busyOnTimeout);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ micros: _, ...row }) => row),
    next_cursor: rows.length > limit && last ? encodeCursor(last) : null,
  };
}

/** What the reader may see, which is also what the search finds. */
const shownPayload = ({ withVisitors }: AuditQuery): string =>
  withVisitors
    ? 'payload'
    : `case when starts_with(action, 'console.session.')
         then payload - array['address', 'user_agent', 'session_id', 'replaced_by'] else payload end`;

function conditions(query: AuditQuery): { sql: string; values: unknown[] } {
  const { action, q, since, cursor } = query;
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
  if (cursor !== undefined) {
    const { micros, id } = decodeCursor(cursor);
    terms.push(
      `(created_at, id) < ('epoch'::timestamptz + ${bind(micros)}::bigint * interval '1 microsecond', ${bind(id)}::bigint)`,
    );
  }
  return { sql: terms.length > 0 ? `where ${terms.join(' and ')}` : '', values };
}

/** Where a page ended; opaque to callers. */
const encodeCursor = ({ micros, id }: { micros: string; id: string }): string =>
  Buffer.from(`${micros}.${id}`).toString('base64url');

function decodeCursor(cursor: string): { micros: string; id: string } {
  // Seventeen digits of microseconds reach the year 5138, eighteen of an id stay within a bigint.
  const [, micros, id] = /^(\d{1,17})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (micros === undefined || id === undefined)
    throw invalid('cursor', 'cursor must be the next_cursor of an earlier page.');
  return { micros, id };
}

function text(field: string, value: string): string {
  if (value.includes('\u0000')) throw invalid(field, `${field} must not contain the character U+0000.`);
  return value;
}

/** A search of the whole log may exceed the statement timeout. */
function busyOnTimeout(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '57014') {
    throw new Problem('busy', 'The search took too long. Narrow it with action or since.', { cause: error });
  }
  throw error;
}

const invalid = (field: string, message: string): Problem => new Problem('invalid_field', message, { field });
