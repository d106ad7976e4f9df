import type { JSX } from 'preact';
import type { CustomerList, CustomerTicketView, CustomerView } from '../../model/tickets.ts';
import type { Page } from '../endpoint.ts';
import { Empty, ExternalLink, NextPage, NoMatches } from './elements.tsx';
import { Filter, SearchField } from './filter.tsx';
import { type Column, Table } from './table.tsx';
import { TicketStatus } from './ticket.tsx';
import { TimestampWithAge } from './time.tsx';

const PATH = '/console/customers';

export const ticketsHref = (id: string) => `${PATH}/${encodeURIComponent(id)}/tickets`;

interface ListProps {
  found: CustomerList;
  query: { q?: string | undefined; cursor?: string | undefined };
}

export function customersPage(found: CustomerList, query: ListProps['query']): Page {
  return { title: 'Customers', section: 'customers', live: [], body: <Customers found={found} query={query} /> };
}

const CUSTOMERS: Column<CustomerList['customers'][number]>[] = [
  { title: 'Name', isRowHeader: true, cell: ({ id, name }) => <a href={ticketsHref(id)}>{name}</a> },
  { title: 'Email address', cell: ({ email }) => email },
  { title: 'Id', cell: ({ id }) => <code>{id}</code> },
];

function Customers({ found: { customers, next_cursor }, query }: ListProps): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Customers</h1>
        <p class="quiet">
          The search finds beginnings of words: <code>byr</code> finds Ada Byron, <code>yron</code> does not.
        </p>
      </div>
      <Filter path={PATH} active={query.q !== undefined}>
        <SearchField label="Id, name or email address" value={query.q} />
      </Filter>
      {customers.length === 0 ? (
        <NoCustomers filtered={query.q !== undefined || query.cursor !== undefined} />
      ) : (
        <Table caption="Customers, by name" columns={CUSTOMERS} rows={customers} rowId={({ id }) => id} />
      )}
      <NextPage path={PATH} query={query} cursor={next_cursor} />
    </>
  );
}

function NoCustomers({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <NoMatches title="No customers match." path={PATH} />;
  return (
    <Empty title="No customers.">
      <p>
        Import them with <code>auto-ticketing customers import FILE.csv</code>.
      </p>
    </Empty>
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
