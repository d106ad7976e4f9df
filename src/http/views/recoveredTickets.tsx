import type { JSX } from 'preact';
import type { Tile } from '../../model/surfaces.ts';
import { matchingTiles } from '../gridSections.ts';
import { surfaceHref } from './elements.tsx';
import type { GridParts, GridProps } from './gridProps.ts';
import { TicketSummary } from './ticket.tsx';
import { RelativeTime } from './time.tsx';

interface RecoveredProps extends Pick<GridProps, 'grid' | 'query'> {
  parts: Pick<GridParts, 'recoveredTicket'>;
}

/** Surfaces that have recovered while a ticket of theirs is open. Status filters do not hide them. */
export function RecoveredTickets({ grid, query, parts }: RecoveredProps): JSX.Element | null {
  const { status: _status, problems: _problems, ...otherFilters } = query;
  const recovered = matchingTiles(grid, otherFilters).filter((tile) => tile.recovered_ticket_open);
  if (recovered.length === 0) return null;
  return (
    <section class="panel" id="recovered" aria-labelledby="recovered-title">
      <div class="panel-head">
        <h2 id="recovered-title">
          Recovered, ticket still open <span class="count">{recovered.length}</span>
        </h2>
        <p class="quiet">Close these tickets in FreeScout once the work is done.</p>
      </div>
      <ul class="plain-rows" dangerouslySetInnerHTML={{ __html: recovered.map(parts.recoveredTicket).join('') }} />
    </section>
  );
}

export function RecoveredTicket({ tile }: { tile: Tile }): JSX.Element {
  return (
    <li>
      <a href={surfaceHref(tile.id)}>{tile.name}</a>
      {tile.recovered_ticket === null ? null : (
        <span>
          <TicketSummary ticket={tile.recovered_ticket} />
        </span>
      )}
      {tile.since === null ? null : (
        <span class="quiet">
          recovered <RelativeTime at={tile.since} />
        </span>
      )}
    </li>
  );
}
