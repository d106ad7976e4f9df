/**
 * The help desk as the rest of the program sees it: a few operations, and errors with a defined meaning. Independent of
 * FreeScout, which only `freescout/` knows.
 */

/** Why a call failed. */
export type TicketProblem =
  | 'unavailable' // no answer, 5xx, 429, or something other than the expected JSON
  | 'unauthorized' // 401: the key is wrong or was revoked
  | 'forbidden' // 403: host check, firewall, or a key without the right
  | 'mailbox_not_found'
  | 'tags_unavailable' // the Tags module is off
  | 'not_configured' // base URL, key or mailbox is unset
  | 'not_found' // the ticket is gone
  | 'rejected'; // any other 4xx: this request is at fault, or the help desk rejects every one at the moment

export class TicketError extends Error {
  readonly problem: TicketProblem;
  /** The same call may succeed later without anyone changing a setting. */
  readonly retryable: boolean;
  /** The call may have taken effect although no usable answer came back: look it up before repeating it. */
  readonly inDoubt: boolean;
  readonly httpStatus: number | undefined;
  /** ECONNREFUSED, CERT_HAS_EXPIRED, … when the connection itself failed. */
  readonly code: string | undefined;
  /** Milliseconds that the help desk asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    problem: TicketProblem,
    message: string,
    facts: {
      retryable?: boolean;
      inDoubt?: boolean;
      httpStatus?: number | undefined;
      code?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'TicketError';
    this.problem = problem;
    this.retryable = facts.retryable ?? problem === 'unavailable';
    this.inDoubt = facts.inDoubt ?? false;
    this.httpStatus = facts.httpStatus;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** Statuses of a request whose size is over a limit: unlike other requests that are rejected, it cannot succeed later. */
const TOO_LARGE = new Set([413, 414, 431]);

export const isTooLarge = ({ httpStatus = 0 }: Pick<TicketError, 'httpStatus'>): boolean => TOO_LARGE.has(httpStatus);

/** `gone`: trashed, a draft, moved to another mailbox, or deleted permanently. */
export type TicketStatus = 'active' | 'pending' | 'closed' | 'spam' | 'gone';

export interface Ticket {
  id: number;
  url: string;
  subject: string;
  status: TicketStatus;
  /** Published, in the operations mailbox, and active or pending. */
  open: boolean;
  /** Lower-case names, or null if the answer did not carry tags. */
  tags: string[] | null;
  createdAt: Date;
  updatedAt: Date;
  assignee: string | null;
}

export interface NewTicket {
  /** Already carries the marker in front. */
  subject: string;
  /** HTML in which all foreign text is escaped. */
  html: string;
}

/** `timeoutMs` limits the whole operation. `urgent` calls (an operator is waiting) go before all others, `patient` ones
 * last, and those for a `page` have few slots. */
export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  urgent?: boolean;
  page?: boolean;
  patient?: boolean;
  /** See {@link HelpDesk.inTurn}. */
  hasTurn?: boolean;
  /** Asked right before each request leaves; false if this process was suspended for too long meanwhile. */
  mayLeave?: () => boolean;
}

/** Of work that has its turn among the calls to the help desk. */
export type Turn = Required<Pick<CallOptions, 'hasTurn'>>;

/** The operations mailbox of a help desk. Operations throw only TicketError and never retry. */
export interface HelpDesk {
  /**
   * Runs `work` when its turn comes among the calls of this process, so that what it commits before a call is fresh when
   * the call leaves. Calls with the `Turn` do not wait again; others would wait for a second place. Throws what `work`
   * throws, the reason of an abort during the wait, or TicketError `unavailable` if the wait takes longer than
   * `timeoutMs`.
   */
  inTurn<T>(options: CallOptions, work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Creates a ticket. Not idempotent: when in doubt, look up the marker before calling again. */
  create(ticket: NewTicket, options?: CallOptions): Promise<{ id: number; url: string }>;
  /** All tickets with the marker in their subject, in any state and mailbox, lowest id first. */
  findByMarker(marker: string, since: Date, options?: CallOptions): Promise<Ticket[]>;
  /** Open tickets of the operations mailbox with all of these tags, created after `since`, newest first. */
  findOpenByTags(tags: readonly string[], since: Date, options?: CallOptions): Promise<Ticket[]>;
  /** The ticket as it is now; status `gone` if it is deleted, trashed, a draft or in another mailbox. */
  get(id: number, options?: CallOptions): Promise<Ticket>;
  /** When a person last replied or added a note, our own notes excluded; null if nobody has. */
  lastReply(id: number, options?: CallOptions): Promise<Date | null>;
  /** All open tickets of the operations mailbox. */
  listOpen(options?: CallOptions): Promise<Ticket[]>;
  /** Adds the missing tags, keeps the others, and verifies the result. Idempotent. */
  ensureTags(id: number, tags: readonly string[], options?: CallOptions): Promise<void>;
  /** Adds an internal note that contains `marker`. Not idempotent: when in doubt, ask `hasNote` before calling again. */
  addNote(id: number, note: { marker: string; html: string }, options?: CallOptions): Promise<void>;
  /** Whether the ticket has a note with exactly this marker. */
  hasNote(id: number, marker: string, options?: CallOptions): Promise<boolean>;
  /** URL of a ticket in the help desk. */
  url(id: number): string;
  /** Checks API key, mailbox, Tags module and author of notes. */
  preflight(options?: CallOptions): Promise<void>;
}

/** Changed tickets in the order of their changes, so that a reader can continue where it stopped. */
export interface ChangedTickets {
  tickets: Ticket[];
  /** All changes up to this instant, by the help desk's clock, are included; the next read starts here. */
  until: Date;
  /** False if more changes remain to be read. */
  complete: boolean;
}

/** Changes in the operations mailbox. FreeScout does not count a change of tags as a change. */
export interface ChangeFeed {
  /** Tickets in any state that were created or changed at `since` or later; at most `pages` requests. */
  changedSince(since: Date, pages: number, options?: CallOptions): Promise<ChangedTickets>;
}

/** A customer's ticket as the console shows it; the subject is foreign text. */
export interface CustomerTicket {
  id: number;
  url: string;
  subject: string;
  status: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface CustomerTickets {
  open: CustomerTicket[];
  recent: CustomerTicket[];
}

export interface SupportDesk {
  /** Open tickets, and at most 20 that were closed in the last 30 days, newest first; never auto-filed ones. Throws TicketError. */
  ticketsOf(
    customer: { email: string; freescoutCustomerId: number | null },
    options?: CallOptions,
  ): Promise<CustomerTickets>;
}
