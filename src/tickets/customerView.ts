import PQueue from 'p-queue';
import type { Customer } from '../customers/store.ts';
import type { CustomerTicketView, CustomerView } from '../model/tickets.ts';
import { type CustomerTicket, type CustomerTickets, type SupportDesk, TicketError } from './port.ts';

export interface CustomerTicketsDeps {
  customers: { find(id: string): Promise<Customer | null> };
  desk: SupportDesk;
}

/** A customer and their tickets for the console; null for an unknown customer, `degraded` without tickets while FreeScout fails. */
export type ViewCustomer = (id: string) => Promise<CustomerView | null>;

/** Readers of the same customer share an answer for so long. */
const SHARED_MS = 10_000;
/** Customers that are read at the same time, and that wait for it. More readers would only wait in vain. */
const AT_ONCE = 2;
const MAX_WAITING = 10;
/** The page must answer within five seconds, the wait included. */
const BUDGET_MS = 4_000;

export function createViewCustomer({ customers, desk }: CustomerTicketsDeps): ViewCustomer {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const shared = new Map<string, { tickets: Promise<CustomerTickets | null>; until: number }>();

  async function read(customer: Customer): Promise<CustomerTickets | null> {
    if (queue.size >= MAX_WAITING) return null;
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(BUDGET_MS);
    const ask = () =>
      desk.ticketsOf(customer, { page: true, timeoutMs: Math.max(1, BUDGET_MS - (performance.now() - startedAt)) });
    try {
      return await queue.add(ask, { signal });
    } catch (error) {
      if (error instanceof TicketError || signal.aborted) return null;
      throw error;
    }
  }

  function ticketsOf(customer: Customer): Promise<CustomerTickets | null> {
    const now = performance.now();
    for (const [id, { until }] of shared) if (until <= now) shared.delete(id);
    const existing = shared.get(customer.id);
    if (existing) return existing.tickets;
    const entry = { tickets: read(customer), until: now + SHARED_MS };
    shared.set(customer.id, entry);
    // What failed is tried again by the next reader.
    const forget = () => shared.get(customer.id) === entry && shared.delete(customer.id);
    entry.tickets.then((tickets) => tickets === null && forget(), forget);
    return entry.tickets;
  }

  return async (id) => {
    const customer = await customers.find(id);
    if (customer === null) return null;
    const tickets = await ticketsOf(customer);
    return {
      customer: { id: customer.id, name: customer.name, email: customer.email },
      open: (tickets?.open ?? []).map(view),
      recent: (tickets?.recent ?? []).map(view),
      degraded: tickets === null,
    };
  };
}

function view(ticket: CustomerTicket): CustomerTicketView {
  return {
    id: ticket.id,
    url: ticket.url,
    subject: ticket.subject,
    status: ticket.status,
    created_at: ticket.createdAt.toISOString(),
    updated_at: ticket.updatedAt.toISOString(),
  };
}
