import type { Adoption, AuditEntry, FiledTicket, FilingResult, TicketUpdate } from './protocol.ts';

/** Pure functions for the result of a filing, used by every actor that files tickets. */

export type Filed = Extract<FilingResult, { outcome: 'filed' }>;

/** The result in the event of a finished effect. Used as the parameters of guards and actions. */
export const output = <Result>({ event }: { event: { output: Result } }): Result => event.output;

/** Empty when the filing was not refused. */
export const refusalOf = (result: FilingResult): string => (result.outcome === 'refused' ? result.reason : '');

/** When the ticket exists without its tags, an update that sets them later. */
export const missingTags = (filingId: string, { ticket, tagged }: Filed): TicketUpdate[] =>
  tagged ? [] : [{ kind: 'tag', id: `${filingId}:tag`, filingId, ticketId: ticket.id }];

/** The result that the filing would have had if its ticket had been found in time. */
export const resultOfFound = (ticket: FiledTicket): Filed => ({
  outcome: 'filed',
  ticket,
  created: true,
  tagged: false,
  whileFailing: false,
});

export const adoptionOf = ({ filingId, ticket, filedAt }: Adoption): Adoption[] => [{ filingId, ticket, filedAt }];

export const adoptionAudit = ({ filingId, ticket }: Adoption): AuditEntry[] => [
  {
    action: 'console.reconcile.ticket_adopted',
    payload: { filing_id: filingId, ticket_id: ticket.id, ticket_url: ticket.url },
    actor: 'reconciler',
  },
];
