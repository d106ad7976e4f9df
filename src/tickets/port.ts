/**
 * What the rest of the program knows about a help desk: a few verbs, and failures that say what they mean.
 * Nothing here knows FreeScout; only `freescout/` does.
 */

/** Why a call did not do what was asked. */
export type TicketProblem =
  | 'unavailable' // no answer, 5xx, 429, HTML or rubbish where JSON should be
  | 'unauthorized' // 401: the key is wrong or was revoked
  | 'forbidden' // 403: host check, firewall, or a key without the right
  | 'mailbox_not_found'
  | 'tags_unavailable' // the Tags module is off
  | 'not_configured' // base URL, key or mailbox is unset
  | 'not_found' // the ticket is gone
  | 'rejected'; // any other 4xx: asking again the same way cannot help

export class TicketError extends Error {
  readonly problem: TicketProblem;
  /** The same call may succeed later without anyone changing a setting. */
  readonly retryable: boolean;
  /** The call may have taken effect although no usable answer came back: look before asking again. */
  readonly inDoubt: boolean;
  readonly httpStatus: number | undefined;
  /** ECONNREFUSED, CERT_HAS_EXPIRED, … when the connection itself failed. */
  readonly code: string | undefined;
  /** What the other side asked us to wait, in milliseconds. */
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

/** `gone` covers trashed, draft, moved to another mailbox and deleted for ever. */
export type TicketStatus = 'active' | 'pending' | 'closed' | 'spam' | 'gone';

export interface Ticket {
  id: number;
  url: string;
  subject: string;
  status: TicketStatus;
  /** Published, in the operations mailbox, and active or pending. */
  open: boolean;
  /** Lower-case names, or null where the answer did not carry tags. */
  tags: string[] | null;
  createdAt: Date;
  updatedAt: Date;
  assignee: string | null;
}

export interface NewTicket {
  /** Already carries the marker in front. */
  subject: string;
  /** HTML, every foreign text escaped. */
  html: string;
}

/** How long one call may take. `urgent` calls (a person is waiting) go ahead of the others, `patient` ones behind them. */
export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  urgent?: boolean;
  patient?: boolean;
}

/** The operations mailbox of a help desk. Every verb throws TicketError and nothing else; none of them tries twice. */
export interface HelpDesk {
  /** Creates a ticket and answers its id. Not idempotent: callers look for the marker first when in doubt. */
  create(ticket: NewTicket, options?: CallOptions): Promise<{ id: number; url: string }>;
  /** Every ticket whose subject carries the marker, in any state, oldest id first; moved and trashed ones included. */
  findByMarker(marker: string, since: Date, options?: CallOptions): Promise<Ticket[]>;
  /** Open tickets in the operations mailbox that carry all of the tags, newest first. */
  findOpenByTags(tags: readonly string[], since: Date, options?: CallOptions): Promise<Ticket[]>;
  /** One ticket as it stands now; status `gone` where it is deleted, trashed, a draft or elsewhere. */
  get(id: number, options?: CallOptions): Promise<Ticket>;
  /** When somebody last replied or left a note on it, our own notes aside; null where nobody has since it was opened. */
  lastReply(id: number, options?: CallOptions): Promise<Date | null>;
  /** All open tickets of the operations mailbox, for comparing with what we filed. */
  listOpen(options?: CallOptions): Promise<Ticket[]>;
  /** Adds the missing tags, keeps the others, reads back that they hold. Idempotent. */
  ensureTags(id: number, tags: readonly string[], options?: CallOptions): Promise<void>;
  /** Adds an internal note once: `marker` is written into it and looked up first when `mayExist`. */
  addNote(id: number, note: { marker: string; html: string; mayExist: boolean }, options?: CallOptions): Promise<void>;
  /** Address of a ticket in the help desk's own pages. */
  url(id: number): string;
  /** Checks key, mailbox, Tags module and author; used by doctor and before the first ticket. */
  preflight(options?: CallOptions): Promise<void>;
}

/** Tickets that changed, read in the order of their changes, so that a reader can go on where it stopped. */
export interface ChangedTickets {
  tickets: Ticket[];
  /** Every change up to here is among them, by the help desk's own clock; the next reading begins here. */
  until: Date;
  /** False where there are more than were read. */
  complete: boolean;
}

/** What happened in the operations mailbox, for those who compare. Changes of tags do not count as changes. */
export interface ChangeFeed {
  /** Tickets in any state that were made or changed since then, that instant included; at most `pages` requests. */
  changedSince(since: Date, pages: number, options?: CallOptions): Promise<ChangedTickets>;
}

/** A customer's ticket as the console shows it; the subject is a stranger's text. */
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
  /** Open tickets, then those closed in the last 30 days (at most 20), newest first. Auto-filed ones never appear. */
  ticketsOf(
    customer: { email: string; freescoutCustomerId: number | null },
    options?: CallOptions,
  ): Promise<CustomerTickets>;
}
