import type { JSX } from 'preact';
import type { CustomerTicketView, CustomerView } from '../../model/tickets.ts';
import type { Page } from '../endpoint.ts';

import { Empty, ExternalLink } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { TicketStatus } from './ticket.tsx';
import { TimestampWithAge } from './time.tsx';

export function customersPage(): Page {
  return { title: 'Customers', section: 'customers', live: [], body: <Lookup /> };
}

function Lookup(): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Customers</h1>
      </div>
      <form class="filter" method="get" action="/console/customers">
        <label class="field">
          <span>Customer id</span>
          <input type="text" name="id" required maxLength={200} autocomplete="off" spellcheck={false} />
        </label>
        <div class="filter-acts">
          <button type="submit" class="button">
            Show tickets
          </button>
        </div>
      </form>
      <p class="quiet">
        Customers are imported with <code>auto-ticketing customers import FILE.csv</code>.
      </p>
    </>
  );
}

export function customerPage(view: CustomerView): Page {
  return { title: `Tickets of ${view.customer.name}`, section: 'customers', live: [], body: <Tickets view={view} /> };
}

const COLUMNS: Column<CustomerTicketView>[] = [
  { title: 'Ticket', isRowHeader: true, cell: (ticket) => <ExternalLink href={ticket.url}>#{ticket.id}</ExternalLink> },
  { title: 'Subject', cell: (ticket) => ticket.subject },
  { title: 'Status', cell: (ticket) => <TicketStatus ticket={ticket} /> },
  { title: 'Opened', cell: (ticket) => <TimestampWithAge at={ticket.created_at} /> },
  { title: 'Updated', cell: (ticket) => <TimestampWithAge at={ticket.updated_at} /> },
];

function Tickets({ view }: { view: CustomerView }): JSX.Element {
  const { customer, open, recent, degraded } = view;
  return (
    <>
      <p class="crumbs">
        <a href="/console/customers">Customers</a>
      </p>
      <div class="page-head">
        <h1>{customer.name}</h1>
        <p class="quiet">
          {customer.email} · <code>{customer.id}</code>
        </p>
      </div>
      {degraded ? (
        <p class="banner bad">FreeScout does not answer, so tickets cannot be shown. Reload the page to try again.</p>
      ) : (
        <>
          <TicketList title="Open" id="open" tickets={open} none="No open tickets." />
          <TicketList
            title="Closed in the last 30 days"
            id="recent"
            tickets={recent}
            none="No tickets were closed in the last 30 days."
          />
        </>
      )}
    </>
  );
}

interface TicketListProps {
  title: string;
  id: string;
  tickets: readonly CustomerTicketView[];
  none: string;
}

function TicketList({ title, id, tickets, none }: TicketListProps): JSX.Element {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {title} <span class="quiet">{tickets.length}</span>
      </h2>
      {tickets.length === 0 ? (
        <Empty title={none} />
      ) : (
        <Table caption={title} columns={COLUMNS} rows={tickets} rowId={(ticket) => `${ticket.id}`} />
      )}
    </section>
  );
}
