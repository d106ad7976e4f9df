import type { JSX } from 'preact';
import { REASONS } from '../../alerts/noTicketSentences.ts';
import type { Tile } from '../../model/surfaces.ts';
import type { TicketState } from '../../model/tickets.ts';
import { Tag } from './badges.tsx';
import { surfaceHref, TicketRef } from './elements.tsx';
import { REASON_LINKS } from './reasonLinks.ts';
import { TicketSummary } from './ticket.tsx';

type Tickets = Pick<Tile, 'id' | 'ticket' | 'no_ticket_reason' | 'earlier_tickets' | 'recovered_ticket_open'>;

/** The open ticket of the present outage, or why there is none; then the other open tickets. */
export function TileTickets({ tile }: { tile: Tickets }): JSX.Element {
  return (
    <>
      {tile.ticket === null ? (
        <NoTicket tile={tile} />
      ) : (
        <p class="tile-ticket">
          <TicketSummary ticket={tile.ticket} />
        </p>
      )}
      {tile.earlier_tickets.length === 0 ? null : (
        <p class="tile-earlier">
          {tile.recovered_ticket_open ? <Tag tone="warn">recovered, ticket still open</Tag> : 'earlier:'}{' '}
          <TicketRefs tickets={tile.earlier_tickets} surfaceId={tile.id} />
        </p>
      )}
    </>
  );
}

function NoTicket({ tile }: { tile: Pick<Tickets, 'id' | 'no_ticket_reason'> }): JSX.Element | null {
  const reason = tile.no_ticket_reason;
  if (reason === null) return null;
  const link =
    reason === 'closed' ? { href: `${surfaceHref(tile.id)}#tickets`, label: 'Tickets' } : REASON_LINKS[reason];
  return (
    <p class="tile-ticket no-ticket">
      <strong>No ticket.</strong> {REASONS[reason] ?? reason}. {link ? <a href={link.href}>{link.label}</a> : null}
    </p>
  );
}

/** The page of the surface lists all of them. */
const MAX_REFS = 3;

function TicketRefs({ tickets, surfaceId }: { tickets: readonly TicketState[]; surfaceId: string }): JSX.Element {
  const more = tickets.length - MAX_REFS;
  return (
    <>
      {tickets.slice(0, MAX_REFS).map((ticket, n) => (
        <span key={ticket.id}>
          {n === 0 ? '' : ', '}
          <TicketRef ticket={ticket} />
        </span>
      ))}
      {more > 0 ? (
        <>
          {' '}
          and <a href={`${surfaceHref(surfaceId)}#tickets`}>{more} more</a>
        </>
      ) : null}
    </>
  );
}
