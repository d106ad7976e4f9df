import type { FilingRequest } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { recordAdoptions } from '../tickets/filingStore.ts';
import type { Ticket } from '../tickets/port.ts';
import { auditRow } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';

/** A filing without a ticket, of which one has turned up. */
export interface Late {
  id: string;
  marker: string;
  path: FilingRequest['path'];
  phase: string;
  actor_id: string;
  subject_key: string;
  request: FilingRequest;
  withdrawn_at: Date | null;
  created_at: Date;
}

/**
 * Gives a filing the ticket that turned up for it. One that somebody still waits for finds it at its next run; of one
 * that was closed the actor is told, and takes it in as if it had been found in time.
 */
export async function adopt({ pool, deliver, tally }: ReconcileContext, filing: Late, ticket: Ticket): Promise<void> {
  const adoption = {
    filingId: filing.id,
    ticket: { id: ticket.id, url: ticket.url },
    filedAt: ticket.createdAt.toISOString(),
  };
  const event = filing.phase === 'planned' ? null : foundEvent(filing, adoption);
  if (event) {
    const [told] = await deliver([{ to: filing.actor_id, event, eventId: `found:${filing.id}` }]);
    if (told?.applied === 'changed') tally.note('ticket_adopted');
    return;
  }
  const adopted = await transaction(pool, async (client) => {
    if ((await recordAdoptions(client, [adoption])) === 0) return false;
    const payload = { filing_id: filing.id, ticket_id: ticket.id, ticket_url: ticket.url };
    await appendAudit(client, [auditRow('ticket_adopted', payload)]);
    return true;
  });
  if (adopted) tally.note('ticket_adopted');
}

/** Null where no actor would take it in: the members of a storm that is over have heard that it has no ticket. */
function foundEvent(filing: Late, adoption: object): Message['event'] | null {
  const { request, subject_key, withdrawn_at } = filing;
  if (request.path === 'investigate') {
    const { status, since, by } = request;
    return { type: 'FOUND', ...adoption, status, since, by };
  }
  if (request.path === 'umbrella') return null;
  // The key of an alert's filing ends in the number of its episode.
  const episode = Number(subject_key.slice(subject_key.lastIndexOf(':') + 1));
  const closedAt = (withdrawn_at ?? new Date()).toISOString();
  return { type: 'FOUND', ...adoption, episode, severity: request.severity, closedAt };
}
