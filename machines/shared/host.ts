import { fromPromise } from 'xstate';
import type {
  ActorMessage,
  Adoption,
  AuditEntry,
  ClickAnswer,
  DmRequest,
  DmResult,
  FilingIntent,
  FilingResult,
  Membership,
  Suppression,
  SurfaceEmission,
  TicketUpdate,
  TicketUpdateResult,
} from './protocol.ts';

/**
 * What machines leave to their host: effects to invoke and actions to carry out, each with its parameters. The
 * implementations here only throw, so that a machine without a host fails loudly.
 */

export const filingEffects = {
  fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean }>(() => missing('fileTicket')),
  settleDoubt: fromPromise<FilingResult, { filingId: string }>(() => missing('settleDoubt')),
  keepTicket: fromPromise<TicketUpdateResult, TicketUpdate>(() => missing('keepTicket')),
};

export const messageEffects = { sendDm: fromPromise<DmResult, DmRequest>(() => missing('sendDm')) };

export const hostActions = {
  /** Appends rows to the audit log. */
  audit: (_: unknown, _entries: AuditEntry[]) => missing('audit'),
  /** Records what is to be filed, before it is filed. */
  intend: (_: unknown, _filings: FilingIntent[]) => missing('intend'),
  /** Makes sure that nothing more is posted for these filings. */
  withdraw: (_: unknown, _filingIds: string[]) => missing('withdraw'),
  /** Records which alerts are held back, and until when they were. */
  hold: (_: unknown, _holds: Suppression[]) => missing('hold'),
  /** Gives a ticket that turned up late to its filing. */
  adopt: (_: unknown, _tickets: Adoption[]) => missing('adopt'),
  /** Records which alerts an umbrella ticket names. */
  enlist: (_: unknown, _memberships: Membership[]) => missing('enlist'),
  /** Answers clicks. */
  answer: (_: unknown, _answers: ClickAnswer[]) => missing('answer'),
  /** Fires or resolves the alert of a surface, in the same transaction. */
  emitAlert: (_: unknown, _emissions: SurfaceEmission[]) => missing('emitAlert'),
  /** Sends messages to other actors. */
  tell: (_: unknown, _messages: ActorMessage[]) => missing('tell'),
};

function missing(name: string): never {
  throw new Error(`The machine asks for "${name}", and no host provides it.`);
}
