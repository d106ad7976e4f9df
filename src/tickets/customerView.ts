import type { Customer } from '../customers/store.ts';
import type { CustomerTicketView, CustomerView } from '../model/tickets.ts';
import { type CustomerTicket, type CustomerTickets, type SupportDesk, TicketError } from './port.ts';

export interface CustomerTicketsDeps {
  customers: { find(id: string): Promise<Customer | null> };
  desk: SupportDesk;
}

/** A customer and their tickets for the console; null for an unknown customer, `degraded` without tickets while FreeScout fails. */
export async function customerView({ customers, desk }: CustomerTicketsDeps, id: string): Promise<CustomerView | null> {
  const customer = await customers.find(id);
  if (customer === null) return null;
  const tickets = await ticketsOrNull(desk, customer);
  return {
    customer: { id: customer.id, name: customer.name, email: customer.email },
    open: (tickets?.open ?? []).map(view),
    recent: (tickets?.recent ?? []).map(view),
    degraded: tickets === null,
  };
}

async function ticketsOrNull(desk: SupportDesk, customer: Customer): Promise<CustomerTickets | null> {
  try {
    return await desk.ticketsOf(customer, { urgent: true });
  } catch (error) {
    if (error instanceof TicketError) return null;
    throw error;
  }
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
