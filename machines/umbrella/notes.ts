import { howManyFit, TICKET_LIMIT } from '../shared/memberLists.ts';
import { type AuditEntry, instantOf, type TicketUpdate, type TicketUpdateResult } from '../shared/protocol.ts';
import { droppedAudit } from '../shared/ticketUpdates.ts';
import type { UmbrellaContext } from './types.ts';

/** Notes on the umbrella ticket: members that joined later, and the end of the storm. Pure. */

type Change = Partial<UmbrellaContext>;

const MINUTE = 60_000;
/** Pauses between two notes. They grow, so that a long storm does not bury its ticket under notes. */
const PAUSES = [MINUTE / 2, MINUTE / 2, MINUTE, 2 * MINUTE, 5 * MINUTE];

/** Short while there are few notes, and if more members wait than one note can name. */
export const pauseBeforeNote = ({ members, notes }: UmbrellaContext): number =>
  (howManyFit(members, TICKET_LIMIT) < members.length ? PAUSES[0] : PAUSES[Math.min(notes, PAUSES.length - 1)]) ??
  MINUTE;

/** Members that the note has no room for wait for the next one: first those that are on no text yet. */
export function membersNoteStarted({ members, notes, worse }: UmbrellaContext): Change {
  const naming = howManyFit(members, TICKET_LIMIT);
  const started = { naming, notes: notes + 1 };
  if (!worse) return started;
  const fit = howManyFit([...members.slice(0, naming), ...worse], TICKET_LIMIT);
  return { ...started, worseNaming: fit - naming };
}

export function membersNote(context: UmbrellaContext, event: object): TicketUpdate {
  const { source, storm, count, members, naming, notes, ticket, worse = [], worseNaming = 0 } = context;
  const about = { what: 'members', source, count, members: members.slice(0, naming), at: instantOf(event) } as const;
  return {
    kind: 'note',
    id: `note:umbrella:${source}:${storm}:list:${notes}`,
    ticketId: ticket?.id ?? 0,
    about: worseNaming > 0 ? { ...about, worse: worse.slice(0, worseNaming) } : about,
  };
}

export const endNoteStarted = ({ notes }: UmbrellaContext): Change => ({ notes: notes + 1 });

export const endNote = (
  { source, storm, since, count, notes, ticket }: UmbrellaContext,
  event: object,
): TicketUpdate => ({
  kind: 'note',
  id: `note:umbrella:${source}:${storm}:over:${notes}`,
  ticketId: ticket?.id ?? 0,
  about: { what: 'calm', source, count, since, at: instantOf(event) },
});

export const updateDroppedAudit = (
  update: TicketUpdate | undefined,
  result: TicketUpdateResult,
  { source }: UmbrellaContext,
): AuditEntry[] => droppedAudit(update, result, { area: 'alerts', subject: { source }, actor: source });
