import { type NewTicket, type Ticket, TicketError } from '../port.ts';
import { allPages, type Rows } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { type Conversation, conversationSchema } from './schemas.ts';
import { isNotOpen, listOpen, OPEN_STATUSES } from './statusLists.ts';
import { fitHtml, fitSubject } from './text.ts';
import { goneTicket, normalTag, seconds, type TicketContext, tagsUnavailable, toTicket } from './ticketRows.ts';
import type { CallTerms } from './transport.ts';

/** Allowance for a FreeScout clock behind ours: a ticket that the filter missed would be posted twice. The marker is exact. */
const CLOCK_SKEW_MS = 24 * 3_600_000;
/** The first one of a subject is ours; a later one is foreign text, such as the title of an alert. */
const ANY_MARKER = /\bAT-[0-9A-Z]{10}\b/;
const LOOK_UP_PAGES = { pageSize: 50, maxPages: 20 };
const OPEN_TICKET_PAGES = { pageSize: 100, maxPages: 200 };

/** Creates a ticket in the operations mailbox. `imported` prevents FreeScout from sending mail about it. */
export async function createTicket(
  { api, settings, operationsMailboxId }: TicketContext,
  ticket: NewTicket,
  call: CallTerms,
) {
  const customer = { email: settings.botEmail, firstName: 'Console', lastName: 'bot' };
  // A thread by a customer: on a ticket that consists of notes, FreeScout treats every later note as a new ticket.
  const thread = { type: 'customer', text: fitHtml(ticket.html), customer, imported: true };
  const body = {
    type: 'email',
    mailboxId: operationsMailboxId,
    subject: fitSubject(ticket.subject),
    status: 'active',
    imported: true,
    customer,
    threads: [thread],
  };
  return await api.create({ method: 'POST', path: 'conversations', body }, call);
}

/**
 * All tickets with the marker in their subject, lowest id first. All mailboxes and states are searched: a ticket that
 * was moved, closed or trashed is still the ticket that we filed, and must not be filed again.
 */
export async function ticketsByMarker(
  context: TicketContext,
  marker: string,
  since: Date,
  call: CallTerms,
): Promise<Ticket[]> {
  // Newest first: if FreeScout ignores the filter, a ticket of the last minutes is among the first rows.
  const query = {
    subject: marker,
    createdSince: seconds(since.getTime() - CLOCK_SKEW_MS),
    sortField: 'number',
    sortOrder: 'desc',
    embed: 'tags',
  };
  const listed = await allPages(
    context.api,
    { name: 'conversations', query, ...LOOK_UP_PAGES },
    conversationSchema,
    call,
  );
  // The filter is a LIKE that ignores case and accents.
  const found = listed.rows.filter(({ subject }) => ANY_MARKER.exec(subject ?? '')?.[0] === marker);
  assertConclusive(listed, found.length > 0);
  return found.map((row) => toTicket(context, row)).sort((a, b) => a.id - b.id);
}

/** Open tickets in the operations mailbox that carry all tags and were created after `since`, newest first. */
export async function openTicketsByTags(
  context: TicketContext,
  tags: readonly string[],
  since: Date,
  call: CallTerms,
): Promise<Ticket[]> {
  const wanted = tags.map(normalTag);
  // FreeScout filters by one tag only; our longest tag is the most specific one.
  const tag = wanted.reduce((longest, next) => (next.length > longest.length ? next : longest), '');
  const query = {
    ...openIn(context.operationsMailboxId),
    tag,
    createdSince: seconds(since.getTime()),
    sortField: 'number',
    sortOrder: 'desc',
  };
  const listed = await allPages(
    context.api,
    { name: 'conversations', query, ...LOOK_UP_PAGES },
    conversationSchema,
    call,
  );
  const tickets = listed.rows.map((row) => toTicket(context, row));
  // Without the Tags module the filter is ignored and all tickets are returned.
  if (tickets.some((ticket) => ticket.tags === null)) throw tagsUnavailable();
  const found = tickets.filter(
    (ticket) => ticket.open && ticket.createdAt > since && wanted.every((name) => ticket.tags?.includes(name)),
  );
  assertConclusive(listed, found.length > 0);
  return found.sort((a, b) => b.id - a.id);
}

/**
 * All open tickets of the operations mailbox, oldest first. A ticket that closes while the pages are read shifts the
 * others, so a ticket that is missing here must be read by its id before it counts as closed.
 */
export async function openTickets(context: TicketContext, call: CallTerms): Promise<Ticket[]> {
  const listed = await listOpen((status) => {
    const query = { ...openIn(context.operationsMailboxId), status, sortField: 'number', sortOrder: 'asc' };
    const listing = { name: 'conversations', query, ...OPEN_TICKET_PAGES, isUseless: isNotOpen } as const;
    return allPages(context.api, listing, conversationSchema, call);
  });
  assertConclusive(listed, false);
  return listed.rows.map((row) => toTicket(context, row)).filter(({ open }) => open);
}

/** The ticket as it is now; a deleted one has status `gone` and nothing but its id and URL. */
export async function ticketById(context: TicketContext, id: number, call: CallTerms): Promise<Ticket> {
  try {
    return toTicket(context, await conversationById(context.api, id, 'tags', call));
  } catch (error) {
    if (error instanceof TicketError && error.problem === 'not_found') return goneTicket(id, context.url(id));
    throw error;
  }
}

/** Throws `not_found` if the conversation was deleted permanently. */
export async function conversationById(
  api: FreeScoutApi,
  id: number,
  embed: 'tags' | 'threads',
  call: CallTerms,
): Promise<Conversation> {
  // Threads are not paged, and a ticket with many replies is long.
  const limit = embed === 'threads' ? { maxBytes: 20 * 1024 * 1024 } : {};
  const row = await api.read(
    { method: 'GET', path: `conversations/${id}`, query: { embed }, ...limit },
    conversationSchema,
    call,
  );
  if (row.id !== id) throw new TicketError('unavailable', `FreeScout answered ticket ${row.id} when asked for ${id}.`);
  return row;
}

/** Without `state`, trashed tickets and drafts would be returned too. */
function openIn(mailboxId: number) {
  return { mailboxId, status: OPEN_STATUSES, state: 'published', embed: 'tags' };
}

/** FreeScout ignores unknown filters, so an incomplete list does not prove that a ticket does not exist. */
function assertConclusive({ complete, rows }: Rows<unknown>, found: boolean): void {
  if (complete || found) return;
  throw new TicketError('unavailable', `FreeScout lists more than the ${rows.length} tickets that were read.`);
}
