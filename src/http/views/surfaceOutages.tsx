import type { JSX } from 'preact';
import type { Outage, SurfaceStory } from '../../model/surfaces.ts';
import type { FiledTicket } from '../../model/tickets.ts';
import { StatusBadge } from './badges.tsx';
import { Empty, ExternalLink } from './elements.tsx';
import { Began, Lasted, periodId } from './period.tsx';
import { type Column, Table } from './table.tsx';
import { sharedWithText, TicketStatus } from './ticket.tsx';

/** Each outage with the tickets that were filed, or joined, while it lasted. */
export function OutageTable({ story }: { story: SurfaceStory }): JSX.Element {
  if (story.outages.length === 0) {
    return (
      <Empty title="No outages recorded.">
        <p>An outage is listed once it is confirmed. Unconfirmed failures appear under Last checks.</p>
      </Empty>
    );
  }
  return <Table caption="Outages" columns={columns(story)} rows={story.outages} rowId={periodId} />;
}

function columns({ tickets }: SurfaceStory): Column<Outage>[] {
  return [
    {
      title: 'Began',
      isRowHeader: true,
      cell: (outage) => <Began period={outage} />,
    },
    { title: 'Worst', cell: ({ worst }) => <StatusBadge status={worst} /> },
    { title: 'Duration', cell: (outage) => <Lasted period={outage} /> },
    { title: 'Tickets', cell: (outage) => <Tickets tickets={ticketsDuring(tickets, outage)} /> },
  ];
}

/** A slow FreeScout may file a ticket only after the outage has ended. */
const LATE_MS = 120_000;

function ticketsDuring(tickets: readonly FiledTicket[], { began_at, ended_at }: Outage): FiledTicket[] {
  const from = began_at === null ? 0 : Date.parse(began_at);
  const to = ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(ended_at) + LATE_MS;
  return tickets.filter(({ filed_at, joined_at }) => {
    const at = Date.parse(joined_at ?? filed_at);
    return at >= from && at <= to;
  });
}

function Tickets({ tickets }: { tickets: readonly FiledTicket[] }): JSX.Element {
  if (tickets.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="tags">
      {tickets.map((ticket) => (
        <span key={ticket.id}>
          <ExternalLink href={ticket.url}>#{ticket.id}</ExternalLink> <TicketStatus ticket={ticket} />{' '}
          {sharedWithText(ticket)}
        </span>
      ))}
    </span>
  );
}
