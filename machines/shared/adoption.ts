import type { Adoption, AuditEntry } from './protocol.ts';

/** What the audit log says of a ticket that turned up late. */
export const adoptionAudit = ({ filingId, ticket }: Adoption): AuditEntry[] => [
  {
    action: 'console.reconcile.ticket_adopted',
    payload: { filing_id: filingId, ticket_id: ticket.id, ticket_url: ticket.url },
    actor: 'reconciler',
  },
];
