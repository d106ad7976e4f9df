import type { Pool } from 'pg';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { containing, decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import type { DeadLetter } from '../model/deadLetters.ts';
import type { PageOf } from '../model/operations.ts';
import { editableText } from '../tickets/composeTicket.ts';
import { SHOWN_BYTES, webhookLetters, webhookPayload } from './webhookLetters.ts';

/** `kind` is ticket, tag, note, message or webhook; `reason` is the error code. */
export interface DeadLetterFilter {
  kind?: string | undefined;
  reason?: string | undefined;
}

export interface DeadLetterRow extends Omit<DeadLetter, 'finished_at' | 'payload' | 'edited'> {
  finished_at: Date;
  edited: unknown;
  /** The texts of the filing, where it is a ticket. */
  request: FilingRequest | null;
  key: string;
}

const KIND = "case e.src when 'sendDm' then 'message' when 'keepTicket' then e.input->>'kind' else 'ticket' end";
/** The problem of the help desk's adapter, else Slack's error code. */
const REASON = "coalesce(e.error->>'problem', e.error->>'code', 'other')";

/** Dead letters of both kinds, with so many bytes of the bodies of requests. */
const letters = (bytes: number): string => `(
  select e.id, e.actor_id, e.src, ${KIND} as kind, ${REASON} as reason, e.input, e.edited, e.attempts, e.error, e.history,
    e.finished_at, f.request
  from effects e
  left join filings f on e.src in ('fileTicket', 'settleDoubt') and f.id = e.input->>'filingId'
  where e.status = 'dead'
  union all ${webhookLetters(bytes)}) e`;

/** The title of the alert. */
const TITLE = `(
  select ${alertSql.text('title', contextOf('a'))} from actors a where a.id = e.actor_id and a.kind = 'alert')`;

const LISTED_BYTES = 4_000;
const rowsWith = (bytes: number): string =>
  `select e.*, ${micros('e.finished_at')} as key, ${TITLE} as title from ${letters(bytes)} where true`;

type From = Pick<Pool, 'query'>;

/** Dead letters, newest first, with the bodies of this page only, and how many match in all. Throws Problem `invalid_field` for an invalid cursor. */
export async function listDeadLetters(
  pool: From,
  { cursor, limit, ...filter }: DeadLetterFilter & { cursor?: string | undefined; limit: number },
): Promise<PageOf<DeadLetter> & { total: number }> {
  const after = cursor === undefined ? [] : decodeCursor(cursor, [MICROS, TEXT]);
  const { terms, values } = conditions(filter);
  const count = values.length;
  const page =
    cursor === undefined ? '' : `and (e.finished_at, e.id) < (${instantOfMicros(`$${count + 1}`)}, $${count + 2})`;
  const [{ rows }, total] = await Promise.all([
    pool.query<DeadLetterRow>(
      `${rowsWith(LISTED_BYTES)} and e.id = any (array(
         select e.id from ${letters(0)} where true ${terms} ${page}
         order by e.finished_at desc, e.id desc limit ${limit + 1})) order by e.finished_at desc, e.id desc`,
      [...values, ...after],
    ),
    countLetters(pool, filter),
  ]);
  return { ...pageOf(rows, limit, shown, ({ key, id }) => [key, id]), total };
}

async function countLetters(pool: From, filter: DeadLetterFilter): Promise<number> {
  const { terms, values } = conditions(filter);
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from ${letters(0)} where true ${terms}`,
    values,
  );
  return rows[0]?.n ?? 0;
}

/** Ids of all matches, oldest first. */
export async function deadLetterIds(pool: From, filter: DeadLetterFilter): Promise<string[]> {
  const { terms, values } = conditions(filter);
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from ${letters(0)} where true ${terms} order by e.finished_at, e.id`,
    values,
  );
  return rows.map(({ id }) => id);
}

/** A dead letter as stored; null where there is none with this id. */
export async function readDeadLetter(pool: From, id: string): Promise<DeadLetterRow | null> {
  if (id.includes('\0')) return null;
  const { rows } = await pool.query<DeadLetterRow>(`${rowsWith(SHOWN_BYTES)} and e.id = $1`, [id]);
  return rows[0] ?? null;
}

/** The same as it is shown. */
export async function shownDeadLetter(pool: From, id: string): Promise<DeadLetter | null> {
  const row = await readDeadLetter(pool, id);
  return row && shown(row);
}

function conditions({ kind, reason }: DeadLetterFilter): { terms: string; values: string[] } {
  const values: string[] = [];
  const terms = [
    ...(kind === undefined ? [] : [`and e.kind = $${values.push(storable('kind', kind))}`]),
    ...(reason === undefined ? [] : [`and e.reason = $${values.push(storable('reason', reason))}`]),
  ];
  return { terms: terms.join(' '), values };
}

function storable(field: string, text: string): string {
  containing(field, text);
  return text;
}

/** The payload that a replay sends: the edited one, else the original. */
export function payloadOf({
  kind,
  edited,
  request,
  input,
}: Pick<DeadLetterRow, 'kind' | 'edited' | 'request' | 'input'>): unknown {
  // An edit of a request replaces it.
  if (kind === 'webhook') return webhookPayload(input);
  return edited ?? (request ? editableText(request) : input);
}

function shown({ key: _, request, edited, finished_at, history, ...row }: DeadLetterRow): DeadLetter {
  return {
    ...row,
    history: withIsoTimes(history),
    payload: payloadOf({ kind: row.kind, edited, request, input: row.input }),
    edited: edited !== null,
    finished_at: finished_at.toISOString(),
  };
}

/** Times are stored as the database writes them, and shown like all others: UTC with milliseconds. */
function withIsoTimes(history: unknown): unknown {
  if (!Array.isArray(history)) return history;
  return (history as { at?: unknown }[]).map((entry) =>
    typeof entry.at === 'string' ? { ...entry, at: new Date(entry.at).toISOString() } : entry,
  );
}
