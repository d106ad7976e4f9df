import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Adoption, FilingIntent } from '../../machines/shared/protocol.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { FIELDS, type Filing, type StoredFiling } from './filingStore.ts';

/** What transitions write into `filings`, each in its transaction. */

/** Letters and digits that are not easily confused; 50 bits, so that two filings never share a marker. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const newMarker = (): string => `AT-${[...randomBytes(10)].map((byte) => ALPHABET[byte % 32]).join('')}`;

/** Of more filings, most are left to other processes or decided together. */
const MAX_RETURNED = 10;

/** An intent as it is stored. */
export interface NewIntent extends FilingIntent {
  actorId: string;
  /** A later transition of the same transaction has withdrawn it. Nothing is ever posted for it. */
  isWithdrawn?: boolean;
}

/**
 * Stores the intents, in the transaction of the transitions that request the tickets. Returns the filings as they are
 * stored if they are few, else none.
 */
export async function recordIntents(
  client: Pick<ClientBase, 'query'>,
  intents: readonly NewIntent[],
): Promise<Filing[]> {
  if (intents.length === 0) return [];
  const rows = intents.map((intent) => ({
    id: intent.filingId,
    marker: newMarker(),
    path: intent.request.path,
    actor_id: intent.actorId,
    subject_key: intent.subjectKey,
    source: intent.source,
    request: intent.request,
    deadline_at: intent.deadlineAt,
    withdrawn: intent.isWithdrawn ?? false,
  }));
  const insert = rows.length > MAX_RETURNED ? INSERT : INSERT_FEW;
  const stored = await queryPrepared<StoredFiling>(client, insert, [JSON.stringify(rows)]);
  return stored.rows.map(({ attemptedAtMs: _, ...filing }) => ({ ...filing, sinceAttemptMs: null }));
}

const INSERT_ALL = `
  insert into filings (id, marker, path, actor_id, subject_key, source, request, deadline_at, phase, withdrawn_at)
  select id, marker, path, actor_id, subject_key, source, request, deadline_at,
    case when withdrawn then 'withdrawn' else 'planned' end, case when withdrawn then now() end
  from ${rowsFromJson('id text, marker text, path text, actor_id text, subject_key text, source text, request jsonb, deadline_at timestamptz, withdrawn boolean')}`;
const INSERT = prepared(INSERT_ALL);
const INSERT_FEW = prepared(`${INSERT_ALL} returning ${FIELDS}`);

/** Prevents POSTs for these filings from now on. A filing in doubt stays open until its outcome is known. */
export async function recordWithdrawals(client: Pick<ClientBase, 'query'>, filingIds: string[]): Promise<void> {
  await client.query(
    `update filings set withdrawn_at = coalesce(withdrawn_at, now()), phase = case phase when 'planned' then 'withdrawn' else phase end
     where id = any($1) and ticket_id is null`,
    [filingIds],
  );
}

/**
 * Records tickets that were found for filings without a ticket, and returns how many rows changed. Their age counts from
 * their creation on the help desk.
 */
export async function recordAdoptions(client: Pick<ClientBase, 'query'>, adoptions: Adoption[]): Promise<number> {
  const rows = adoptions.map(({ filingId, ticket: { id, url }, filedAt }) => ({
    filing_id: filingId,
    ticket_id: id,
    url,
    filed_at: filedAt,
  }));
  const { rowCount } = await client.query(
    `update filings f set phase = 'created', ticket_id = x.ticket_id, ticket_url = x.url,
       filed_at = least(x.filed_at, clock_timestamp()), ticket_status = 'active', checked_at = clock_timestamp()
     from ${rowsFromJson('filing_id text, ticket_id bigint, url text, filed_at timestamptz')}
     where f.id = x.filing_id and f.ticket_id is null`,
    [JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}
