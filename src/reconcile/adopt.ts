import type { FilingRequest } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { recordAdoptions } from '../tickets/filingIntents.ts';
import type { Ticket } from '../tickets/port.ts';
import { auditRow } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';

/** A filing without a ticket, for which one was found later. */
export interface LateFiling {
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
 * Gives a filing the ticket that was found for it. A filing that is still under way finds the ticket at its next run. The
 * actor of a closed filing receives an event, and adopts the ticket as if it had been found in time.
 */
export async function adopt(
  { pool, deliver, tally }: ReconcileContext,
  filing: LateFiling,
  ticket: Ticket,
): Promise<void> {
  const adoption = {
    filingId: filing.id,
    ticket: { id: ticket.id, url: ticket.url },
    filedAt: ticket.createdAt.toISOString(),
  };
  const event = filing.phase === 'planned' ? null : foundEvent(filing, adoption);
  if (event) {
    const [delivered] = await deliver([{ to: filing.actor_id, event, eventId: `found:${filing.id}` }]);
    if (delivered?.applied === 'changed') tally.note('ticket_adopted');
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

/** Null if no actor would adopt it: the members of an ended storm were already told that it has no ticket. */
function foundEvent(filing: LateFiling, adoption: object): Message['event'] | null {
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
