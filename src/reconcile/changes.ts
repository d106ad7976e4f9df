import type { Pool } from 'pg';
import type { Ticket } from '../tickets/port.ts';
import { adopt, type LateFiling } from './adopt.ts';
import { type Duplicate, reportDuplicate, settleDuplicates } from './duplicates.ts';
import type { ReconcileContext } from './reconcileContext.ts';

const PAGES_AT_ONCE = 5;
/** FreeScout dates a change before it is visible to others. */
const OVERLAP_MS = 60_000;
const OWN_MARKER = /^\[(AT-[0-9A-HJKMNP-TV-Z]{10})\]/;

/** Compares what changed on the help desk since the last run; false if the time of this run was not enough. */
export async function compareChanges(work: ReconcileContext): Promise<boolean> {
  let { since, overlap } = await bookmark(work.pool);
  while (work.hasTime()) {
    const from = new Date(since.getTime() - (overlap ? OVERLAP_MS : 0));
    const changed = await work.desk.changedSince(from, PAGES_AT_ONCE, work.call());
    await compare(work, changed.tickets);
    if (!changed.complete && changed.until.getTime() === from.getTime()) {
      // More tickets changed within this second than these pages hold; skipping the rest avoids reading them forever.
      since = new Date(from.getTime() + 1_000);
    } else if (changed.until > since) since = changed.until;
    overlap = false;
    await work.pool.query('update reconcile_run set seen_until = $1', [since]);
    if (changed.complete) return true;
  }
  return false;
}

/** Where the last run stopped. The first run starts a day before the oldest filing of the last 30 days. */
async function bookmark(pool: Pool): Promise<{ since: Date; overlap: boolean }> {
  const { rows } = await pool.query<{ since: Date; overlap: boolean }>(`
    select coalesce(seen_until, (select min(created_at) - interval '1 day' from filings
                                 where created_at > now() - interval '30 days'), now() - interval '1 hour') as since,
      seen_until is not null and desk is distinct from 'cut_short' as overlap
    from reconcile_run`);
  return rows[0] ?? { since: new Date(), overlap: true };
}

interface Known extends LateFiling {
  ticket_id: number | null;
  ticket_url: string | null;
  ticket_status: string | null;
}

async function compare(work: ReconcileContext, tickets: Ticket[]): Promise<void> {
  const byMarker = new Map<string, Ticket[]>();
  for (const ticket of tickets) {
    // Our subjects begin with their marker. One that follows is foreign text, such as the title of an alert.
    const marker = OWN_MARKER.exec(ticket.subject)?.[1];
    if (marker !== undefined) byMarker.set(marker, [...(byMarker.get(marker) ?? []), ticket]);
  }
  const { rows } = await work.pool.query<Known>(KNOWN, [[...byMarker.keys()]]);
  for (const filing of rows) {
    if (!work.hasTime()) return;
    await compareOne(work, filing, byMarker.get(filing.marker) ?? []);
  }
  // Last, so that a duplicate that is already closed is reported and settled in the same run.
  await settleDuplicates(
    work.pool,
    tickets.filter(({ open }) => !open).map(({ id }) => id),
  );
}

async function compareOne(work: ReconcileContext, filing: Known, seen: Ticket[]): Promise<void> {
  const existing = seen.filter(({ status }) => status !== 'gone');
  if (filing.ticket_id !== null) {
    if (filing.ticket_status === 'gone') return;
    await reportDuplicates(work, filing, { id: filing.ticket_id, url: filing.ticket_url ?? '' }, existing);
    return;
  }
  // A filing in doubt is left to the effect that settles it.
  if (filing.phase === 'attempting') return;
  // For a withdrawn filing, a ticket in the trash is useless.
  if (filing.phase === 'withdrawn' && existing.length === 0) return;
  const all = await work.desk.findByMarker(filing.marker, filing.created_at, work.call());
  const ticket = filing.phase === 'withdrawn' ? all.find(({ status }) => status !== 'gone') : all[0];
  if (!ticket) return;
  await adopt(work, filing, ticket);
  await reportDuplicates(work, filing, ticket, all);
}

/** Of several tickets with the same marker, one belongs to the filing; the others are reported. */
async function reportDuplicates(
  { pool, tally }: ReconcileContext,
  { id, marker }: Known,
  ours: { id: number; url: string },
  all: Ticket[],
): Promise<void> {
  for (const { id: twinId, url, status } of all) {
    if (twinId === ours.id || status === 'gone') continue;
    const twin: Duplicate = { ticketId: ours.id, ticketUrl: ours.url, twinId, twinUrl: url };
    if (await reportDuplicate(pool, twin, { marker, filing_id: id })) tally.note('twin_found');
  }
}

const KNOWN = `
  select f.id, f.marker, f.path, f.phase, f.actor_id, f.subject_key, f.request, f.withdrawn_at, f.created_at,
    f.ticket_id, f.ticket_url, f.ticket_status
  from filings f left join actors a on a.id = f.actor_id
  where f.marker = any($1) and a.parked is null
  order by f.created_at`;
