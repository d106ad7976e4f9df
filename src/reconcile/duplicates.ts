import type { Pool } from 'pg';
import { reportOnce, settle } from './findings.ts';
import type { ReconcileContext } from './reconcileContext.ts';

/**
 * Two tickets where there should be one. Only people know which of them they work on, so nothing is closed or deleted, and
 * the console shows the pair until one of the two is closed.
 */
export interface Duplicate {
  /** The one that counts. */
  ticketId: number;
  ticketUrl: string;
  twinId: number;
  twinUrl: string;
}

export const reportDuplicate = (pool: Pool, twin: Duplicate, by: Record<string, unknown>): Promise<boolean> =>
  reportOnce(
    pool,
    {
      kind: 'twin',
      subject: String(twin.twinId),
      details: {
        ...by,
        ticket_id: twin.ticketId,
        ticket_url: twin.ticketUrl,
        twin_id: twin.twinId,
        twin_url: twin.twinUrl,
      },
    },
    'twin_found',
  );

export const settleDuplicates = (pool: Pool, closed: number[]): Promise<void> =>
  settle(pool, 'twin', closed.map(String));

/** Two of our own filings about the same thing, both with a ticket. */
export async function compareKeys({ pool, tally }: Pick<ReconcileContext, 'pool' | 'tally'>): Promise<void> {
  const { rows } = await pool.query<Duplicate & { key: string }>(SAME_KEY);
  for (const { key, ...twin } of rows) {
    if (await reportDuplicate(pool, twin, { dedup_key: key })) tally.note('twin_found');
  }
  await pool.query(OURS_IS_CLOSED);
}

const MAX_LOOKUPS = 5;

/** A permanently deleted ticket is in no list of changes, so each duplicate is looked up from time to time. */
export async function recheckDuplicates({ pool, desk, hasTime, call }: ReconcileContext): Promise<void> {
  const { rows } = await pool.query<{ subject: string }>(
    `update reconcile_findings set looked_at = now() where (kind, subject) in (
       select kind, subject from reconcile_findings
       where kind = 'twin' and settled_at is null and looked_at < now() - interval '10 minutes'
       order by looked_at limit $1)
     returning subject`,
    [MAX_LOOKUPS],
  );
  for (const { subject } of rows) {
    if (!hasTime()) return;
    const ticket = await desk.get(Number(subject), call());
    if (!ticket.open) await settleDuplicates(pool, [ticket.id]);
  }
}

/**
 * An episode and a storm have at most one ticket. A click may file a second one for the same key once the first is closed
 * or an hour old, so for clicks only two open tickets within an hour are duplicates.
 */
const SAME_KEY = `
  select first.subject_key as key, first.ticket_id as "ticketId", first.ticket_url as "ticketUrl",
    second.ticket_id as "twinId", second.ticket_url as "twinUrl"
  from filings second join filings first on first.subject_key = second.subject_key and first.ticket_id < second.ticket_id
  where second.filed_at > now() - interval '1 day' and first.ticket_id is not null and second.ticket_id is not null
    and coalesce(first.ticket_status, '') <> 'gone' and coalesce(second.ticket_status, '') <> 'gone'
    and (second.path <> 'investigate'
         or first.ticket_status in ('active', 'pending') and second.ticket_status in ('active', 'pending')
            and second.filed_at - first.filed_at < interval '60 minutes')
    and not exists (select 1 from reconcile_findings r where r.kind = 'twin' and r.subject = second.ticket_id::text)
  order by second.ticket_id limit 100`;
const OURS_IS_CLOSED = `
  update reconcile_findings r set settled_at = now() where r.kind = 'twin' and r.settled_at is null and exists (
    select 1 from filings f where f.ticket_id in ((r.details->>'ticket_id')::bigint, (r.details->>'twin_id')::bigint)
      and f.ticket_status in ('closed', 'spam', 'gone'))`;
