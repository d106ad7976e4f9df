import type { JSX } from 'preact';
import type { Tile } from '../../model/surfaces.ts';
import type { TicketState } from '../../model/tickets.ts';
import { matchingTiles } from '../gridSections.ts';
import { surfaceHref } from './elements.tsx';
import type { GridParts, GridProps } from './gridProps.ts';
import { TicketSummary } from './ticket.tsx';
import { RelativeTime } from './time.tsx';

interface RecoveredProps extends Pick<GridProps, 'grid' | 'query'> {
  parts: Pick<GridParts, 'recoveredTickets'>;
}

/** Open tickets of surfaces that have recovered. Status filters do not hide them. */
export function RecoveredTickets({ grid, query, parts }: RecoveredProps): JSX.Element | null {
  const { status: _status, problems: _problems, ...otherFilters } = query;
  const recovered = matchingTiles(grid, otherFilters).filter((tile) => tile.recovered_ticket_open);
  const tickets = new Set(recovered.flatMap(({ earlier_tickets }) => earlier_tickets.map(({ id }) => id)));
  if (tickets.size === 0) return null;
  const rows = recovered.filter((tile) => ownTickets(tile).length > 0).map(parts.recoveredTickets);
  return (
    <section class="panel" id="recovered" aria-labelledby="recovered-title">
      <div class="panel-head">
        <h2 id="recovered-title">
          Recovered, ticket still open <span class="count">{tickets.size}</span>
        </h2>
        <p class="quiet">Close these tickets in FreeScout once the work is done.</p>
      </div>
      {rows.length === 0 ? null : <ul class="plain-rows" dangerouslySetInnerHTML={{ __html: rows.join('') }} />}
      <UmbrellaTickets recovered={recovered} />
    </section>
  );
}

const ownTickets = ({ earlier_tickets }: Tile): TicketState[] =>
  earlier_tickets.filter(({ shared_with }) => shared_with === null);

/** The tickets of one surface alone. */
export function RecoveredSurface({ tile }: { tile: Tile }): JSX.Element {
  return (
    <li>
      <span>
        <a href={surfaceHref(tile.id)}>{tile.name}</a>{' '}
        {tile.since === null ? null : (
          <span class="quiet">
            recovered <RelativeTime at={tile.since} />
          </span>
        )}
      </span>
      {ownTickets(tile).map((ticket) => (
        <span key={ticket.id}>
          <TicketSummary ticket={ticket} />
        </span>
      ))}
    </li>
  );
}

/** A storm has hundreds of surfaces, so each of its tickets has one row. */
function UmbrellaTickets({ recovered }: { recovered: readonly Tile[] }): JSX.Element | null {
  const umbrellas = new Map<number, { ticket: TicketState; tiles: Tile[] }>();
  for (const tile of recovered) {
    for (const ticket of tile.earlier_tickets) {
      if (ticket.shared_with === null) continue;
      const known = umbrellas.get(ticket.id);
      if (known) known.tiles.push(tile);
      else umbrellas.set(ticket.id, { ticket, tiles: [tile] });
    }
  }
  if (umbrellas.size === 0) return null;
  return (
    <ul class="plain-rows" id="recovered-umbrellas">
      {[...umbrellas.values()].map(({ ticket, tiles }) => (
        <li key={ticket.id}>
          <span>
            <TicketSummary ticket={ticket} />
          </span>
          <SurfaceNames tiles={tiles} />
        </li>
      ))}
    </ul>
  );
}

const MAX_NAMES = 5;

function SurfaceNames({ tiles }: { tiles: readonly Tile[] }): JSX.Element {
  const more = tiles.length - MAX_NAMES;
  return (
    <span>
      recovered:{' '}
      {tiles.slice(0, MAX_NAMES).map((tile, n) => (
        <span key={tile.id}>
          {n === 0 ? '' : ', '}
          <a href={surfaceHref(tile.id)}>{tile.name}</a>
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : null}
    </span>
  );
}
