import type { Config } from '../../config/config.ts';
import { withoutInvisible } from '../../log/invisible.ts';
import type { CustomerTicket, CustomerTickets } from '../port.ts';
import { allPages } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { type Conversation, conversationSchema, customerSchema } from './schemas.ts';
import { isNotOpen, listOpen } from './statusLists.ts';
import { seconds, tagsOf } from './ticketRows.ts';
import type { CallTerms } from './transport.ts';

export interface SupportContext {
  api: FreeScoutApi;
  settings: Config['freescout'];
  url(id: number): string;
}

export interface CustomerIdentity {
  email: string;
  freescoutCustomerId: number | null;
}

const RECENT_MS = 30 * 24 * 3_600_000;
const MAX_RECENT = 20;
const PAGES = { pageSize: 50, maxPages: 5 };
/** The marker in the subject of every ticket that we file; it remains when tags and mailbox are changed. */
const FILED_BY_US = /\[AT-[A-Z0-9-]{6,}\]/i;

/**
 * The customer's tickets as support sees them. Each row is checked again: a filter that FreeScout ignores would
 * otherwise show another customer's tickets, or tickets that were filed for operators.
 */
export async function customerTickets(
  context: SupportContext,
  customer: CustomerIdentity,
  call: CallTerms,
): Promise<CustomerTickets> {
  const email = customer.email.trim().toLowerCase();
  const known = customer.freescoutCustomerId;
  // By address and by number: only FreeScout knows that a second address belongs to the same customer.
  const [byEmail, byId] =
    known === null
      ? await Promise.all([
          conversationsOf(context, { customerEmail: email }, call),
          conversationsOfAddress(context, email, call),
        ])
      : [[], await conversationsOf(context, { customerId: known }, call)];
  const theirs = new Map<number, Conversation>();
  for (const row of byEmail) if (row.customer?.email?.toLowerCase() === email) theirs.set(row.id, row);
  for (const row of byId) theirs.set(row.id, row);
  return sorted(
    [...theirs.values()].filter((row) => isSupport(context.settings, row)),
    context.url,
  );
}

/** Conversations of the FreeScout customer who has this address, main or not; none if there is no such customer. */
async function conversationsOfAddress(
  context: SupportContext,
  email: string,
  call: CallTerms,
): Promise<Conversation[]> {
  const listing = { name: 'customers', query: { email }, pageSize: 50, maxPages: 1 } as const;
  const { rows } = await allPages(context.api, listing, customerSchema, call);
  const match = rows.find(({ _embedded }) => _embedded?.emails?.some(({ value }) => value.toLowerCase() === email));
  return match === undefined ? [] : await conversationsOf(context, { customerId: match.id }, call);
}

async function conversationsOf(
  { api, settings }: SupportContext,
  identity: { customerId: number } | { customerEmail: string },
  call: CallTerms,
): Promise<Conversation[]> {
  const mailbox = settings.supportMailboxId === null ? {} : { mailboxId: settings.supportMailboxId };
  const common = { ...identity, ...mailbox, state: 'published', embed: 'tags', sortOrder: 'desc' };
  const list = (query: Record<string, string | number>, ends: { isUseless?: typeof isNotOpen } = {}) => {
    const listing = { name: 'conversations', query: { ...common, ...query }, ...PAGES, ...ends } as const;
    return allPages(api, listing, conversationSchema, call);
  };
  const [open, closed] = await Promise.all([
    listOpen((status) => list({ status, sortField: 'createdAt' }, { isUseless: isNotOpen })),
    // Closing changes updatedAt, so no recently closed ticket is missed; closedAt decides below.
    list({ status: 'closed', sortField: 'updatedAt', updatedSince: seconds(Date.now() - RECENT_MS) }),
  ]);
  const rows = [...open.rows, ...closed.rows];
  return 'customerId' in identity ? rows.filter(({ customer }) => customer?.id === identity.customerId) : rows;
}

function isSupport(settings: Config['freescout'], row: Conversation): boolean {
  if (row.state !== 'published' || row.mailboxId === settings.operationsMailboxId) return false;
  if (settings.supportMailboxId !== null && row.mailboxId !== settings.supportMailboxId) return false;
  const autoFiled =
    tagsOf(row)?.some((tag) => /^auto:(status|alert)(:|$)/.test(tag)) ||
    FILED_BY_US.test(row.subject ?? '') ||
    row.customer?.email?.toLowerCase() === settings.botEmail.toLowerCase();
  return !autoFiled;
}

function sorted(rows: Conversation[], url: (id: number) => string): CustomerTickets {
  const since = Date.now() - RECENT_MS;
  const newest = (at: (row: Conversation) => number) => (a: Conversation, b: Conversation) =>
    at(b) - at(a) || b.id - a.id;
  const open = rows.filter(({ status }) => status === 'active' || status === 'pending');
  const recent = rows.filter((row) => row.status === 'closed' && closedAt(row) >= since);
  return {
    open: open.sort(newest((row) => row.createdAt.getTime())).map((row) => toCustomerTicket(row, url)),
    recent: recent
      .sort(newest(closedAt))
      .slice(0, MAX_RECENT)
      .map((row) => toCustomerTicket(row, url)),
  };
}

function closedAt(row: Conversation): number {
  return (row.closedAt ?? row.updatedAt ?? row.createdAt).getTime();
}

function toCustomerTicket(row: Conversation, url: (id: number) => string): CustomerTicket {
  return {
    id: row.id,
    url: url(row.id),
    subject: withoutInvisible(row.subject ?? ''),
    status: row.status,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt ?? row.createdAt,
  };
}
