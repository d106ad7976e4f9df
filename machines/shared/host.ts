import { fromPromise } from 'xstate';
import type {
  ActorMessage,
  Adoption,
  AssignmentResult,
  AuditEntry,
  ClickAnswer,
  DmRequest,
  DmResult,
  FilingIntent,
  FilingResult,
  HelpdeskCheck,
  Membership,
  Suppression,
  SurfaceEmission,
  TicketUpdate,
  TicketUpdateResult,
} from './protocol.ts';

/**
 * The effects and actions that the host implements, each with its parameters. The implementations here only throw, so
 * that a machine without a host fails immediately.
 */

export const filingEffects = {
  fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean; last?: boolean }>(() =>
    missing('fileTicket'),
  ),
  settleDoubt: fromPromise<FilingResult, { filingId: string; last?: boolean }>(() => missing('settleDoubt')),
  keepTicket: fromPromise<TicketUpdateResult, TicketUpdate>(() => missing('keepTicket')),
};

export const messageEffects = { sendDm: fromPromise<DmResult, DmRequest>(() => missing('sendDm')) };

/** A read that shows whether somebody is assigned to a ticket. It ends only once the help desk can be read. */
export const assignmentEffects = {
  readAssignment: fromPromise<AssignmentResult, { ticketId: number }>(() => missing('readAssignment')),
};

/** A read that shows whether the help desk works. */
export const helpdeskEffects = {
  checkHelpdesk: fromPromise<HelpdeskCheck, object>(() => missing('checkHelpdesk')),
};

export const hostActions = {
  /** Appends rows to the audit log. */
  audit: (_: unknown, _entries: AuditEntry[]) => missing('audit'),
  /** Records the intent to file a ticket, before the ticket is filed. */
  intend: (_: unknown, _filings: FilingIntent[]) => missing('intend'),
  /** Prevents any further request for these filings. */
  withdraw: (_: unknown, _filingIds: string[]) => missing('withdraw'),
  /** Records the start and the end of suppressions. */
  hold: (_: unknown, _holds: Suppression[]) => missing('hold'),
  /** Assigns a ticket that was found late to its filing. */
  adopt: (_: unknown, _tickets: Adoption[]) => missing('adopt'),
  /** Records which alerts an umbrella ticket lists. */
  enlist: (_: unknown, _memberships: Membership[]) => missing('enlist'),
  /** Sends the responses to clicks. */
  answer: (_: unknown, _answers: ClickAnswer[]) => missing('answer'),
  /** Fires or resolves the alert of a surface, in the same transaction. */
  emitAlert: (_: unknown, _emissions: SurfaceEmission[]) => missing('emitAlert'),
  /** Sends messages to other actors. */
  tell: (_: unknown, _messages: ActorMessage[]) => missing('tell'),
};

function missing(name: string): never {
  throw new Error(`No host implements "${name}".`);
}
