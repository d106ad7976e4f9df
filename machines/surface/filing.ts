import { adoptionAudit, type Filed, missingTags, resultOfFound } from '../shared/filing.ts';
import { finished, queued } from '../shared/pendingUpdates.ts';
import {
  type AuditEntry,
  type FilingIntent,
  type FilingResult,
  instantOf,
  type TicketUpdate,
  type TicketUpdateResult,
} from '../shared/protocol.ts';
import { noteId } from './checks.ts';
import { clicksOfRound } from './clicks.ts';
import type { FoundEvent, Status, SurfaceContext } from './types.ts';

/** The filing of a round: what is intended, and what its result changes. Pure. */

type Change = Partial<SurfaceContext>;

const MAX_TICKETS = 20;

export function intents({ surfaceId, name, round }: SurfaceContext): FilingIntent[] {
  if (!round) return [];
  const { filingId, status, since, by, deadlineAt } = round;
  return [
    {
      filingId,
      subjectKey: `investigate:${surfaceId}:${status}`,
      source: null,
      deadlineAt,
      request: { path: 'investigate', surfaceId, surfaceName: name, status, since, by },
    },
  ];
}

/** For click number `n` of the round, counted from 0. Only the first click can have created the ticket. */
export const ticketFacts = ({ surfaceId }: SurfaceContext, status: Status, { ticket, created }: Filed, n: number) => ({
  surface_id: surfaceId,
  status,
  ticket_id: ticket.id,
  ticket_url: ticket.url,
  idempotent: !(created && n === 0),
});

/** One row for each answered click. A new ticket has a row even if no click waits any more. */
export function filedAudit(context: SurfaceContext, result: FilingResult): AuditEntry[] {
  const { round } = context;
  if (result.outcome !== 'filed' || !round) return [];
  const waiting = clicksOfRound(context);
  const rows = waiting.length > 0 || !result.created ? waiting : [round];
  return rows.map(({ by, status }, n) => ({
    action: 'console.status.ticket_filed',
    payload: ticketFacts(context, status, result, n),
    actor: by,
  }));
}

/** The ticket will get a note at each recovery. One that came before the ticket did is noted now. */
export function ticketRecorded(context: SurfaceContext, result: FilingResult, event: object): Change {
  const { round, surfaceId, name, status, since, said, chores, tickets } = context;
  if (result.outcome !== 'filed' || !round) return {};
  const { ticket } = result;
  const others = tickets.filter(({ id }) => id !== ticket.id);
  const isNew = others.length === tickets.length;
  const about = { what: 'recovered', name, since: round.since, at: since ?? instantOf(event) } as const;
  const note: TicketUpdate = { kind: 'note', id: noteId(surfaceId, said + 1), ticketId: ticket.id, about };
  const missed = status === 'OPERATIONAL' && isNew ? [note] : [];
  return {
    tickets: [...others, ticket].slice(-MAX_TICKETS),
    said: said + missed.length,
    chores: queued(chores, ...missingTags(round.filingId, result), ...missed),
  };
}

/** Recorded like a ticket that was filed. A round that is under way meanwhile goes on. */
export const foundTicketRecorded = (context: SurfaceContext, event: FoundEvent): Change =>
  ticketRecorded(asIfFiling(context, event), resultOfFound(event.ticket), event);

export const foundAudit = (context: SurfaceContext, event: FoundEvent): AuditEntry[] => [
  ...filedAudit(asIfFiling(context, event), resultOfFound(event.ticket)),
  ...adoptionAudit(event),
];

/** The context as it would be, if the ticket had been found during its round, after all clicks were answered. */
const asIfFiling = (context: SurfaceContext, { filingId, status, since, by }: FoundEvent): SurfaceContext => ({
  ...context,
  round: { filingId, status, since, by, deadlineAt: '' },
  clicks: [],
});

/** A ticket that could not be updated is closed or deleted: it gets no further notes. */
export function ticketUpdateDone(context: SurfaceContext, result: TicketUpdateResult): Change {
  const { chores, tickets } = context;
  const gone = result.outcome === 'dropped' ? chores[0]?.ticketId : undefined;
  return { ...finished(context), ...(gone && { tickets: tickets.filter(({ id }) => id !== gone) }) };
}
