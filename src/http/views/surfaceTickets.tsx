import type { JSX } from 'preact';
import type { FiledTicket } from '../../model/tickets.ts';
import { Empty, ExternalLink } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { sharedWithText, TicketActivity, TicketStatus } from './ticket.tsx';
import { TimestampWithAge } from './time.tsx';

const PATHS: Record<FiledTicket['path'], string> = {
  investigate: 'Investigate',
  alert: 'Alert',
  umbrella: 'Alert storm',
};

const COLUMNS: Column<FiledTicket>[] = [
  {
    title: 'Ticket',
    isRowHeader: true,
    cell: (ticket) => <ExternalLink href={ticket.url}>#{ticket.id}</ExternalLink>,
  },
  { title: 'Subject', cell: (ticket) => ticket.subject },
  {
    title: 'Filed by',
    cell: (ticket) => (
      <>
        {PATHS[ticket.path]}
        <span class="row-facts quiet">{sharedWithText(ticket)}</span>
      </>
    ),
  },
  { title: 'Status', cell: (ticket) => <TicketStatus ticket={ticket} /> },
  { title: 'Assignee and last reply', cell: (ticket) => <TicketActivity ticket={ticket} /> },
  { title: 'Filed', cell: (ticket) => <TimestampWithAge at={ticket.filed_at} /> },
];

export function TicketTable({ tickets }: { tickets: readonly FiledTicket[] }): JSX.Element {
  if (tickets.length === 0) {
    return (
      <Empty title="No tickets filed for this surface.">
        <p>
          Its alerts file tickets automatically while <a href="/console/flags">tickets for alerts</a> are on.
          Investigate files one while the surface is degraded or down.
        </p>
      </Empty>
    );
  }
  return <Table caption="Tickets" columns={COLUMNS} rows={tickets} rowId={(ticket) => `${ticket.id}`} />;
}
