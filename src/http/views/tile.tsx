import type { JSX } from 'preact';
import type { Tile } from '../services.ts';
import { Investigate } from './investigate.tsx';
import { StatusMark, Tag } from './marks.tsx';
import { surfaceHref, TicketRef } from './parts.tsx';
import { Ago, For } from './time.tsx';

interface TileProps {
  tile: Tile;
  investigateOn: boolean;
}

/** One surface on the grid: how it is, since when, what was seen last, which ticket is open, what can be done. */
export function TileView({ tile, investigateOn }: TileProps): JSX.Element {
  return (
    <li class={`tile ${tile.status.toLowerCase()}`} id={`tile-${tile.id}`}>
      <div class="tile-head">
        <h3>
          <a href={surfaceHref(tile.id)}>{tile.name}</a>
        </h3>
        <StatusMark status={tile.status} />
      </div>
      <p class="tile-facts">
        {tile.since === null ? (
          'not checked yet'
        ) : (
          <>
            for <For since={tile.since} />
          </>
        )}
        <LastCheck check={tile.last_check} />
      </p>
      {tile.last_check?.error && tile.status !== 'OPERATIONAL' ? (
        <p class="tile-error">{tile.last_check.error}</p>
      ) : null}
      <OpenTicket tile={tile} />
      <Investigate surface={tile} on={investigateOn} from="status" />
    </li>
  );
}

function LastCheck({ check }: { check: Tile['last_check'] }): JSX.Element | null {
  if (check === null) return null;
  return (
    <span class="quiet">
      {' · checked '}
      <Ago at={check.at} />
      {check.latency_ms === null ? null : `, ${latency(check.latency_ms)}`}
    </span>
  );
}

export const latency = (ms: number) => (ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function OpenTicket({ tile }: { tile: Tile }): JSX.Element | null {
  if (tile.ticket === null) return null;
  return (
    <p class="tile-ticket">
      <TicketRef ticket={tile.ticket} />{' '}
      <span class="quiet">
        open, filed <Ago at={tile.ticket.filed_at} />
      </span>
      {tile.recovered_ticket_open ? <Tag tone="warn">recovered, still open</Tag> : null}
    </p>
  );
}
