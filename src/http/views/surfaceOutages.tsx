import type { JSX } from 'preact';
import type { Outage, SurfaceStory } from '../../model/surfaces.ts';
import type { FiledTicket } from '../../model/tickets.ts';
import { StatusBadge } from './badges.tsx';
import { Empty, ExternalLink } from './elements.tsx';
import { Began, Lasted, periodId } from './period.tsx';
import { type Column, Table } from './table.tsx';
import { sharedWithText, TicketStatus } from './ticket.tsx';

/** Each outage with the tickets that were filed, joined or reused for it. */
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
    {
      title: 'Tickets',
      cell: (outage) => <Tickets tickets={tickets.filter(({ id }) => outage.tickets.includes(id))} />,
    },
  ];
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
