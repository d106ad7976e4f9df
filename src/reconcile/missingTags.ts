import type { Pool } from 'pg';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { hasUpdateFor } from '../actors/projections/anyActor.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { eachTicket } from '../tickets/eachTicket.ts';
import type { Ticket, TicketError } from '../tickets/port.ts';
import { REQUIRED_TAGS, tagsOf } from '../tickets/ticketTags.ts';
import { forget, remember, reportOnce, settle } from './findings.ts';
import { auditRow } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';

interface Untagged {
  id: string;
  ticket_id: number;
  ticket_url: string;
  request: FilingRequest;
  /** The earlier finding, if there is one. */
  is_known: boolean;
  was_restored: boolean;
}

/**
 * Restores tags of our open tickets, as the list of open tickets showed them. They are restored once: FreeScout replaces
 * all tags at every change, so two simultaneous edits can lose ours. A second removal is taken as intended. Throws the first
 * TicketError once every ticket had its turn.
 */
export async function restoreTags(work: ReconcileContext): Promise<void> {
  const { rows } = await work.pool.query<Untagged>(UNTAGGED);
  const failures: TicketError[] = [];
  await eachTicket(
    rows,
    async (row) => {
      if (work.hasTime()) await restoreOne(work, row);
    },
    (_row, error) => failures.push(error),
  );
  if (failures[0]) throw failures[0];
}

async function restoreOne(work: ReconcileContext, row: Untagged): Promise<void> {
  const { pool, desk, tally } = work;
  const owed = tagsOf(row.request);
  const details = { filing_id: row.id, ticket_id: row.ticket_id, ticket_url: row.ticket_url, tags: owed };
  const finding = { kind: 'untagged', subject: row.id, details } as const;
  // The list may be outdated.
  const ticket = await desk.get(row.ticket_id, work.call());
  if (!ticket.open) await forget(pool, 'untagged', row.id);
  if (!ticket.open || ticket.tags === null) return recordTags(pool, ticket);
  const lacks = owed.some((tag) => !ticket.tags?.includes(tag));
  if (lacks && row.was_restored) {
    if (await reportOnce(pool, { ...finding, kind: 'left_untagged' }, 'tags_left_off')) tally.note('tags_left_off');
    await settle(pool, 'left_untagged', [row.id]);
    return;
  }
  // Known and not missing: an earlier run restored them and ended before it could report that.
  if (!lacks && !row.is_known) return recordTags(pool, ticket);
  await remember(pool, finding);
  if (lacks) await desk.ensureTags(row.ticket_id, owed, work.call());
  await transaction(pool, async (client) => {
    await client.query(
      `update filings set phase = case phase when 'created' then 'tagged' else phase end, ticket_tags = $2
       where id = $1`,
      [row.id, JSON.stringify([...new Set([...(ticket.tags ?? []), ...owed])])],
    );
    await settle(client, 'untagged', [row.id]);
    await appendAudit(client, [auditRow('tags_restored', details)]);
  });
  tally.note('tags_restored');
}

/** The ticket was tagged after all, is closed by now, or is returned without tags. */
async function recordTags(pool: Pool, { id, status, tags }: Ticket): Promise<void> {
  await pool.query(
    `update filings f set ticket_status = $2, ticket_tags = coalesce($3::jsonb, ticket_tags),
       phase = case when phase = 'created' and $3::jsonb @> ${REQUIRED_TAGS} then 'tagged' else phase end
     where ticket_id = $1`,
    [id, status, tags && JSON.stringify(tags)],
  );
}

/** Those that failed last time come last. Excludes tickets with a pending ticket update or a running effect. */
const UNTAGGED = `
  select f.id, f.ticket_id, f.ticket_url, f.request, r.subject is not null as is_known,
    r.settled_at is not null as was_restored
  from filings f
  left join reconcile_findings r on r.kind = 'untagged' and r.subject = f.id
  left join actors a on a.id = f.actor_id
  where f.ticket_status in ('active', 'pending') and f.ticket_tags is not null
    and (not f.ticket_tags @> ${REQUIRED_TAGS} or r.settled_at is null and r.subject is not null)
    and f.phase in ('created', 'tagged')
    and not exists (select 1 from reconcile_findings l where l.kind = 'left_untagged' and l.subject = f.id)
    and not exists (select 1 from effects e where e.actor_id = f.actor_id and e.status in ('pending', 'running')
                      and e.input->>'filingId' = f.id)
    and not coalesce(${hasUpdateFor('a', 'f.id')}, false)
  order by r.looked_at nulls first, f.filed_at limit 20`;
