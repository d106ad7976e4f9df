import { type ChangedTickets, TicketError } from '../port.ts';
import { type Conversation, conversationSchema, listSchema } from './schemas.ts';
import { seconds, type TicketContext, toTicket } from './ticketRows.ts';
import type { CallTerms } from './transport.ts';

const PAGE_SIZE = 100;

/**
 * Tickets of the operations mailbox by the time of their last change, oldest change first. Each request starts where
 * the last one ended: page numbers would skip rows, since a ticket that changes moves to the end.
 */
export async function changedTickets(
  context: TicketContext,
  { since, pages }: { since: Date; pages: number },
  call: CallTerms,
): Promise<ChangedTickets> {
  const found = new Map<number, Conversation>();
  let from = seconds(since.getTime());
  let page = 1;
  for (let requests = 1; ; requests += 1) {
    const { rows, isLast } = await readPage(context, { from, page }, call);
    for (const row of rows) found.set(row.id, row);
    const last = rows.at(-1);
    const until = last ? seconds(changedAt(last)) : from;
    if (isLast || requests >= pages) {
      const tickets = [...found.values()].filter(({ mailboxId }) => mailboxId === context.operationsMailboxId);
      return { tickets: tickets.map((row) => toTicket(context, row)), until: new Date(until), complete: isLast };
    }
    // More than one page of changes within one second is read by page number.
    page = until === from ? page + 1 : 1;
    from = until;
  }
}

/** Throws if FreeScout ignored the filter or the order, because reading on would never end. */
async function readPage(context: TicketContext, { from, page }: { from: string; page: number }, call: CallTerms) {
  const query = {
    mailboxId: context.operationsMailboxId,
    updatedSince: from,
    sortField: 'updatedAt',
    sortOrder: 'asc',
    embed: 'tags',
    pageSize: PAGE_SIZE,
    page,
  };
  const { rows, totalPages } = await context.api.read({ method: 'GET', path: 'conversations', query }, SHAPE, call);
  const earlier = rows.slice(0, -1);
  const inOrder = earlier.every((row, n) => changedAt(row) <= changedAt(rows[n + 1] ?? row));
  const first = rows[0];
  if (!inOrder || (first && seconds(changedAt(first)) < from)) {
    throw new TicketError('unavailable', 'FreeScout does not sort tickets by the time of their last change.', {
      retryable: false,
    });
  }
  return { rows, isLast: totalPages === null ? rows.length < PAGE_SIZE : page >= totalPages };
}

const SHAPE = listSchema('conversations', conversationSchema);

/** In milliseconds; the creation of a ticket that was never changed. */
const changedAt = ({ updatedAt, createdAt }: Conversation): number => (updatedAt ?? createdAt).getTime();
